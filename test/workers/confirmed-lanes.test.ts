import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { openIntake } from '../../src/api/open-intake.ts';
import { LaneCountMismatchError } from '../../src/epochs.ts';
import { migratePostgresStore } from '../../src/postgres-store.ts';
import { openQueueStore, type QueueStore } from '../../src/queue-store.ts';
import { startProduct } from '../support/product-process.ts';
import { startRedis } from '../support/redis-server.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
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
    const database = await freshDatabase();
    cleanUps.push(() => database.drop());
    if (kind === 'postgres') await migratePostgresStore(database.url);
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
