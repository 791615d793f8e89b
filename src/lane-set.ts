import { type Epoch, type Lane, laneIndexOf, laneOf, laneQueueName, lanesOf } from './lanes.ts';
import type { LaneJob, LaneQueue, QueueStore } from './queue-store.ts';
import { openReadyQueues } from './ready-queues.ts';

/** The lanes of one epoch. */
export interface LaneSet {
  readonly epoch: Epoch;
  /** One for each lane, in their order. */
  readonly queues: readonly LaneQueue[];
}

/** A lane and its queue. */
export interface OpenLane {
  readonly lane: Lane;
  readonly queue: LaneQueue;
}

/** Opens all lanes of an epoch. @throws when the store does not answer */
export async function openLaneSet(store: QueueStore, epoch: Epoch): Promise<LaneSet> {
  return { epoch, queues: await openReadyQueues(store, lanesOf(epoch).map(laneQueueName)) };
}

/** The lane of a user. */
export function queueOf({ queues }: LaneSet, userId: string): LaneQueue {
  const queue = queues[laneIndexOf(userId, queues.length)];
  if (queue === undefined) throw new RangeError('there are no lanes');
  return queue;
}

/** The epoch that takes submissions. */
export function newestOf(sets: readonly LaneSet[]): Epoch {
  return sets.at(-1)?.epoch ?? { number: 1, lanes: 1 };
}

/** All lanes of several epochs, in their order. */
export function everyLane(sets: readonly LaneSet[]): OpenLane[] {
  return sets.flatMap(({ epoch, queues }) => {
    const lanes = lanesOf(epoch);
    return queues.flatMap((queue, index) => {
      const lane = lanes[index];
      return lane === undefined ? [] : [{ lane, queue }];
    });
  });
}

/** The lanes of a user, one in each epoch. */
export function lanesOfUser(sets: readonly LaneSet[], userId: string): OpenLane[] {
  return sets.map(set => ({ lane: laneOf(set.epoch, userId), queue: queueOf(set, userId) }));
}

/** A submission of a user, on whichever of the user's lanes it is. @throws the store's error */
export async function findOfUser(
  sets: readonly LaneSet[],
  userId: string,
  id: string,
): Promise<LaneJob | undefined> {
  for (const set of sets) {
    const job = await queueOf(set, userId).getJob(id);
    if (job !== undefined) return job;
  }
  return undefined;
}
