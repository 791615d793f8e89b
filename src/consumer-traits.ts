import type { LaneQueue } from './queue-store.ts';

/** What differs between the queue stores when jobs are taken and given back. */
export interface ConsumerTraits {
  /** The ids of the first `count` waiting jobs, in the order in which they will have their turn. */
  readonly waitingIds: (queue: LaneQueue, count: number) => Promise<string[]>;
  /** Whether commands sent together are carried out in the order in which they were sent. */
  readonly keepsCommandOrder: boolean;
  /** Whether an active job that is given back goes to the head of its lane. */
  readonly givesBackToHead: boolean;
  /** Whether what cannot connect at first never will. */
  readonly mustConnectAtOnce: boolean;
}
