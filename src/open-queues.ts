import type { LaneQueue } from './queue-store.ts';

/** The queues that a store has opened and that are not closed yet. */
export class OpenQueues {
  readonly #queues = new Set<LaneQueue>();

  /** @returns the queue */
  add(queue: LaneQueue): LaneQueue {
    this.#queues.add(queue);
    return queue;
  }

  /** Closes a queue and lets go of it. @throws the store's error */
  async close(queue: LaneQueue): Promise<void> {
    this.#queues.delete(queue);
    await queue.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#queues].map(queue => this.close(queue)));
  }
}
