import type { LaneJob, LaneQueue } from './queue-store.ts';

/**
 * The job whose turn it is on a lane: the active one, else the first that waits.
 * Undefined on an empty lane.
 *
 * @param waitingIds the store's way to find the first `count` waiting jobs
 */
export async function headOf(
  queue: LaneQueue,
  waitingIds: (queue: LaneQueue, count: number) => Promise<string[]>,
): Promise<LaneJob | undefined> {
  const [active] = await queue.getRanges(['active'], 0, 0, true);
  const id = active ?? (await waitingIds(queue, 1))[0];
  return id === undefined ? undefined : queue.getJob(id);
}
