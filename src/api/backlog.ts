import { type LaneSet, queueOf } from '../lane-set.ts';
import type { LaneQueue } from '../queue-store.ts';
import { LaneReading } from './lane-reading.ts';

/*
 * How much waits on each lane. Asking for each request would cost one more
 * command, so it is read in the background, and what this process has added since
 * is counted on top. So it is known to within what the other API processes accept
 * in a second.
 */

const READ_EVERY_MS = 1000;

export class Backlog {
  readonly #lanes: () => readonly LaneSet[];
  readonly #reading: LaneReading<number>;
  #waiting: ReadonlyMap<LaneQueue, number> = new Map();
  /** By this process, and of those that are not among the waiting yet. */
  readonly #addedSince = new Map<LaneQueue, number>();

  /** @param lanes those of all epochs that are not over, at any time */
  constructor(lanes: () => readonly LaneSet[]) {
    this.#lanes = lanes;
    this.#reading = new LaneReading({
      lanes,
      everyMs: READ_EVERY_MS,
      ask: queue => queue.getJobCountByTypes('waiting'),
      begin: () => {
        const addedBefore = new Map(this.#addedSince);
        return waiting => this.#take(waiting, addedBefore);
      },
    });
  }

  /** Reads once, and then about once a second. Never throws. */
  follow(): Promise<void> {
    return this.#reading.follow();
  }

  close(): void {
    this.#reading.close();
  }

  /** Submissions that wait on a user's lanes. */
  of(userId: string): number {
    return sum(this.#lanes().map(set => this.on(queueOf(set, userId))));
  }

  /** Submissions that wait on all lanes. */
  inAll(): number {
    return sum([...this.#waiting.values(), ...this.#addedSince.values()]);
  }

  /** To be told of each submission that this process has put on a lane of a user. */
  added(userId: string): void {
    const newest = this.#lanes().at(-1);
    if (newest === undefined) return;
    const queue = queueOf(newest, userId);
    this.#addedSince.set(queue, (this.#addedSince.get(queue) ?? 0) + 1);
  }

  /** Submissions that wait on one lane. */
  on(queue: LaneQueue): number {
    return (this.#waiting.get(queue) ?? 0) + (this.#addedSince.get(queue) ?? 0);
  }

  #take(waiting: ReadonlyMap<LaneQueue, number>, addedBefore: ReadonlyMap<LaneQueue, number>): void {
    this.#waiting = waiting;
    // What was added while it was read may be counted twice, until the next time.
    for (const [queue, added] of this.#addedSince) {
      const left = added - (addedBefore.get(queue) ?? 0);
      if (left > 0) this.#addedSince.set(queue, left);
      else this.#addedSince.delete(queue);
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
