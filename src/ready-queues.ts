import type { LaneQueue, QueueStore } from './queue-store.ts';
import { within } from './within.ts';

/*
 * On PostgreSQL a queue, and a worker, keep their first attempt to connect: if it
 * failed they refuse everything, for ever. So whoever tries again opens others,
 * and those that failed are dropped here.
 */

const READY_WITHIN_MS = 5000;

interface Connecting {
  waitUntilReady(): Promise<unknown>;
}

/** Opens queues that answer. @throws when the store does not; try again with this */
export async function openReadyQueues(store: QueueStore, names: readonly string[]): Promise<LaneQueue[]> {
  return orDrop(store, async noting => {
    const opened: LaneQueue[] = [];
    // The first alone: a store that is away, perhaps for long, costs one queue each time.
    for (const some of [names.slice(0, 1), names.slice(1)]) {
      const queues = some.map(name => noting.openQueue(name));
      await allReady(queues);
      opened.push(...queues);
    }
    return opened;
  });
}

/** Waits until all of them are connected. @throws if one is not within 5 s */
export async function allReady(opened: readonly Connecting[]): Promise<void> {
  await within(READY_WITHIN_MS, Promise.all(opened.map(each => each.waitUntilReady())));
}

/**
 * Opens what uses queues of the store, all or nothing.
 *
 * @throws what `open` throws; the queues that it had opened are closed then
 */
export async function orDrop<T>(store: QueueStore, open: (store: QueueStore) => Promise<T>): Promise<T> {
  let opened: LaneQueue[] | undefined = [];
  const noting: QueueStore = {
    ...store,
    openQueue(name) {
      const queue = store.openQueue(name);
      opened?.push(queue);
      return queue;
    },
  };
  try {
    return await open(noting);
  } catch (error) {
    for (const queue of opened) void store.closeQueue(queue).catch(() => {});
    throw error;
  } finally {
    opened = undefined;
  }
}
