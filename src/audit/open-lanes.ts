import type { Standing } from '../epochs.ts';
import { everyLane, type OpenLane, openLaneSet } from '../lane-set.ts';
import type { QueueStore } from '../queue-store.ts';
import { patiently } from './patiently.ts';

export interface OpenedLane extends OpenLane {
  /** Nothing waits on it any more; what failed on it may still be there. */
  readonly isOver: boolean;
  /** Jobs are taken from it; not so before the last epoch is over. */
  readonly isServed: boolean;
}

/** The lanes of all epochs that there have been, in their order. */
export async function openLanes(store: QueueStore, { epochs, drained }: Standing): Promise<OpenedLane[]> {
  const opened: OpenedLane[] = [];
  for (const epoch of epochs) {
    const facts = { isOver: epoch.number <= drained, isServed: epoch.number === drained + 1 };
    const set = await patiently(() => openLaneSet(store, epoch));
    opened.push(...everyLane([set]).map(lane => ({ ...lane, ...facts })));
  }
  return opened;
}
