import { allLanes, laneQueueName } from '../lanes.ts';
import type { LaneQueue, QueueStore } from '../queue-store.ts';
import { patiently } from './patiently.ts';

/** The queues of all lanes, in their order. */
export async function openLanes(store: QueueStore, lanes: number): Promise<LaneQueue[]> {
  const queues: LaneQueue[] = [];
  for (const lane of allLanes(lanes)) {
    queues.push(await openReady(() => store.openQueue(laneQueueName(lane))));
  }
  return queues;
}

/** On PostgreSQL a queue that cannot connect at first never will: each try opens another. */
export function openReady<Q extends Pick<LaneQueue, 'waitUntilReady'>>(open: () => Q): Promise<Q> {
  return patiently(async () => {
    const queue = open();
    await queue.waitUntilReady();
    return queue;
  });
}
