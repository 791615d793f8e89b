import type { LaneQueue } from './queue-store.ts';

/**
 * BullMQ 6.7 counts this backend's waiting list from its newest job, so
 * a range from 0 gives the wrong end. We ask from a distance to the end, and
 * to the end: jobs added in between only lengthen the answer, at its new end.
 */
export async function waitingIds(queue: LaneQueue, count: number): Promise<string[]> {
  const waiting = await queue.getJobCountByTypes('waiting');
  const oldestFirst = await queue.getRanges(['waiting'], Math.max(0, waiting - count), -1, true);
  return oldestFirst.slice(0, count);
}
