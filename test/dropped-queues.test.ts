import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { openIntake } from '../src/api/open-intake.ts';
import { LaneCountMismatchError } from '../src/epochs.ts';
import { migratePostgresStore } from '../src/postgres-store.ts';
import { openQueueStore, type QueueStore } from '../src/queue-store.ts';
import { openReadyQueues } from '../src/ready-queues.ts';
import { collectGarbage } from './support/collect-garbage.ts';
import { freshDatabase, freshRedisUrl } from './support/services.ts';
import type { StoreKind } from './support/system.ts';
import { openTcpProxy } from './support/tcp-proxy.ts';
import { waitFor } from './support/wait-for.ts';

/*
 * A process may wait for its queue store for days, and tries again twice a second:
 * of the attempts that failed nothing may be left.
 */

const STORES: StoreKind[] = ['redis', 'postgres'];
const ATTEMPTS = 5;
const log = pino({ level: 'silent' });

/** A store behind a network of its own, and a look at how many of its queues anybody still refers to. */
async function place(kind: StoreKind) {
  const database = await freshDatabase();
  if (kind === 'postgres') await migratePostgresStore(database.url);
  const proxy = await openTcpProxy(kind === 'postgres' ? database.url : await freshRedisUrl());
  const store = openQueueStore({ url: proxy.url, role: 'worker', log });
  onTestFinished(async () => {
    proxy.mend();
    await store.close();
    await proxy.close();
  });
  const seen: WeakRef<object>[] = [];
  const { openQueue } = store;
  // Of this very object: its consumers open their queues here, too.
  store.openQueue = name => {
    const queue = openQueue(name);
    seen.push(new WeakRef(queue));
    return queue;
  };
  const left = () => {
    collectGarbage();
    return seen.filter(queue => queue.deref() !== undefined).length;
  };
  return { proxy, store, seen, left };
}

function answers(store: QueueStore): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}

/** Without the errors: each refers to what was at work when it was thrown. */
async function statusesOf(attempt: () => Promise<unknown>): Promise<string[]> {
  const results = await Promise.allSettled(Array.from({ length: ATTEMPTS }, attempt));
  return results.map(({ status }) => status);
}

it.for(STORES)('queues that could not be opened are forgotten, on %s', async kind => {
  const { proxy, store, seen, left } = await place(kind);
  proxy.cut();

  const statuses = await statusesOf(() => openReadyQueues(store, ['a', 'b']));
  proxy.mend();
  await waitFor(() => answers(store));

  expect(statuses).toEqual(Array(ATTEMPTS).fill('rejected'));
  expect(seen).toHaveLength(ATTEMPTS);
  await waitFor(() => left() === 0);
});

it.for(STORES)('a start that fails later on leaves no queue behind either, on %s', async kind => {
  const { store, seen, left } = await place(kind);
  const intake = await openIntake({ store, lanes: 2, log });
  onTestFinished(() => intake.close());
  const before = seen.length;

  await expect(openIntake({ store, lanes: 3, log })).rejects.toThrow(LaneCountMismatchError);

  expect(seen.length).toBe(before + 1);
  await waitFor(() => left() === before);
});

// On Redis it waits until it can.
it('an intake that cannot hear what becomes of submissions does not open, on PostgreSQL', async () => {
  const { store, seen, left } = await place('postgres');
  const network = await openTcpProxy((await freshDatabase()).url);
  onTestFinished(() => network.close());
  network.cut();
  const elsewhere = openQueueStore({ url: network.url, role: 'worker', log });
  onTestFinished(() => elsewhere.close());

  const opening = openIntake({ store: { ...store, openRelay: elsewhere.openRelay }, lanes: 2, log });

  await expect(opening).rejects.toThrow();
  expect(seen.length).toBeGreaterThan(0);
  await waitFor(() => left() === 0);
});

it.for(STORES)('the queue of a consumer goes with it, on %s', async kind => {
  const { store, seen, left } = await place(kind);

  await store.openConsumer({ index: 0, of: 1 }).close();
  await store.openConsumer({ index: 0, of: 1 }).abandon();

  expect(seen).toHaveLength(2);
  await waitFor(() => left() === 0);
});
