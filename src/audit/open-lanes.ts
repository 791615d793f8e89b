import type { Standing } from '../epochs.ts';
import { type Lane, laneQueueName, lanesOf } from '../lanes.ts';
import type { LaneQueue, QueueStore } from '../queue-store.ts';
import { patiently } from './patiently.ts';

export interface OpenedLane {
  readonly lane: Lane;
  readonly queue: LaneQueue;
  /** Nothing waits on it any more; what failed on it may still be there. */
  readonly isOver: boolean;
  /** Jobs are taken from it; not so before the last epoch is over. */
  readonly isServed: boolean;
}

/** The lanes of all epochs that there have been, in their order. */
export async function openLanes(store: QueueStore, { epochs, drained }: Standing): Promise<OpenedLane[]> {
  const opened: OpenedLane[] = [];
  for (const epoch of epochs) {
    for (const lane of lanesOf(epoch)) {
      const queue = await openReady(() => store.openQueue(laneQueueName(lane)));
      opened.push({ lane, queue, isOver: epoch.number <= drained, isServed: epoch.number === drained + 1 });
    }
  }
  return opened;
}

/** On PostgreSQL a queue that cannot connect at first never will: each try opens another. */
export function openReady<Q extends Pick<LaneQueue, 'waitUntilReady'>>(open: () => Q): Promise<Q> {
  return patiently(async () => {
    const queue = open();
    await queue.waitUntilReady();
    return queue;
  });
}
