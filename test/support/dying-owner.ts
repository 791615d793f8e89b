/**
 * A process that takes the next job of a lane, commits what becomes of its
 * submission, and dies before it can finish the job.
 * Usage: node dying-owner.ts <database url> <queue url> <lane> <lanes>
 */
import { pino } from 'pino';
import { openDatabase } from '../../src/database.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { submissionOf } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { waitFor } from './wait-for.ts';

const [databaseUrl = '', queueUrl = '', index, of] = process.argv.slice(2);
const lane = { index: Number(index), of: Number(of) };
const store = openQueueStore({ url: queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
const consumer = store.openConsumer(lane);
await consumer.open();
await consumer.claim();
const head = await waitFor(() => consumer.next());
await applyBatch(openDatabase(databaseUrl), { lane, confirm: () => consumer.hold(head) }, [
  submissionOf(head),
]);
process.kill(process.pid, 'SIGKILL');
