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
  close(force?: boolean): Promise<void>;
}

/** Opens queues that answer. @throws when the store does not; try again with this */
export async function openReadyQueues(store: QueueStore, names: readonly string[]): Promise<LaneQueue[]> {
  const opened: LaneQueue[] = [];
  // The first alone: a store that is away, perhaps for long, costs one queue each time.
  for (const some of [names.slice(0, 1), names.slice(1)]) {
    const queues = some.map(name => store.openQueue(name));
    await allReady(queues);
    opened.push(...queues);
  }
  return opened;
}

/** Waits until all of them are connected. @throws if one is not within 5 s; then all are closed */
export async function allReady(opened: readonly Connecting[]): Promise<void> {
  try {
    await within(READY_WITHIN_MS, Promise.all(opened.map(each => each.waitUntilReady())));
  } catch (error) {
    for (const each of opened) void each.close(true).catch(() => {});
    throw error;
  }
}
