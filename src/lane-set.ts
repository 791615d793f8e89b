import { type Epoch, laneIndexOf, laneQueueName, lanesOf } from './lanes.ts';
import type { LaneQueue, QueueStore } from './queue-store.ts';

/** The lanes of one epoch. */
export interface LaneSet {
  readonly epoch: Epoch;
  /** One for each lane, in their order. */
  readonly queues: readonly LaneQueue[];
}

/** Opens all lanes of an epoch. @throws when the store does not answer */
export async function openLaneSet(store: QueueStore, epoch: Epoch): Promise<LaneSet> {
  const queues = lanesOf(epoch).map(lane => store.openQueue(laneQueueName(lane)));
  // Each asks once; one that had no answer then would refuse everything, for ever.
  await Promise.all(queues.map(queue => queue.waitUntilReady()));
  return { epoch, queues };
}

/** The lane of a user. */
export function queueOf({ queues }: LaneSet, userId: string): LaneQueue {
  const queue = queues[laneIndexOf(userId, queues.length)];
  if (queue === undefined) throw new RangeError('there are no lanes');
  return queue;
}
