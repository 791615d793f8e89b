import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { openIntake } from '../../src/api/open-intake.ts';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { LaneCountMismatchError } from '../../src/epochs.ts';
import { openQueueStore, type QueueStore } from '../../src/queue-store.ts';
import { startProduct } from '../support/product-process.ts';
import { startRedis } from '../support/redis-server.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { aSubmission } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet } from '../support/worker-fleet.ts';

const log = pino({ level: 'silent' });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function openStore(url: string): QueueStore {
  const store = openQueueStore({ url, role: 'producer', log });
  cleanUps.push(() => store.close());
  return store;
}

it.for(['redis', 'postgres'])(
  'refuses another number of lanes than the %s store is in use with',
  async kind => {
    const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
    cleanUps.push(() => database.drop());
    const url = kind === 'postgres' ? database.url : await freshRedisUrl();
    const intake = await openIntake({ store: openStore(url), lanes: 4, log });
    cleanUps.push(() => intake.close());

    const refused = openIntake({ store: openStore(url), lanes: 8, log });
    await expect(refused).rejects.toThrow(LaneCountMismatchError);
    const worker = startProduct('worker', { DATABASE_URL: database.url, QUEUE_URL: url, LANES: '8' });

    const line = await worker.line(text => text.includes('LANES'));
    expect(line).toContain('LANES is 8, but this queue store is in use with 4 lanes; set LANES=4');
  },
);

it('sees to one job at a time on every lane, again after Redis has forgotten it', async () => {
  const redis = await startRedis();
  cleanUps.push(() => redis.stop());
  const fleet = await openWorkerFleet({ lanes: 2, queueUrl: redis.url });
  cleanUps.push(() => fleet.close());
  await fleet.startWorker();
  const concurrency = () => Promise.all(fleet.intake.queues.map(queue => queue.getGlobalConcurrency()));

  const before = await concurrency();
  await redis.kill();
  await redis.restart();

  expect(before).toEqual([1, 1]);
  await waitFor(async () => (await concurrency().catch(() => [])).join() === '1,1');
});

it('says once that the queue store has been emptied, and goes on', async () => {
  const redis = await startRedis();
  cleanUps.push(() => redis.stop());
  const fleet = await openWorkerFleet({ lanes: 2, queueUrl: redis.url });
  cleanUps.push(() => fleet.close());
  const metricsPort = await freePort();
  const worker = await fleet.startWorker({ METRICS_PORT: String(metricsPort) });
  const admin = new Redis(redis.url);
  cleanUps.push(async () => admin.disconnect());
  const emptied = async () => {
    const text = await (await fetch(`http://localhost:${metricsPort}/metrics`)).text();
    return /^issue_intake_queue_store_emptied_total (\d+)$/m.exec(text)?.[1];
  };
  const said = () => worker.lines.filter(line => line.includes('the queue store has been emptied'));
  const before = await emptied();

  await admin.flushall();
  await waitFor(() => said().length > 0);
  // By then every process has looked again, whoever told the store of its lanes.
  await fleet.intake.accept(aSubmission());
  await waitFor(async () => (await fleet.issues()) === 1);

  expect(said()).toHaveLength(1);
  expect(JSON.parse(said()[0] ?? '')).toMatchObject({ level: 'error' });
  expect([before, await emptied()]).toEqual(['0', '1']);
});
