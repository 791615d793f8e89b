import type { LaneQueue } from '../queue-store.ts';
import { within } from '../within.ts';

/*
 * How much waits on each lane. Asking for each request would cost one more
 * command, so it is read in the background, in one round trip for all lanes,
 * and what this process has added since is counted on top. So it is known to
 * within what the other API processes accept in a second.
 */

const READ_EVERY_MS = 1000;
const READ_WITHIN_MS = 900;

/** Counting takes a PostgreSQL longer, the more there is: not more than a tenth of its time. */
const REST_PER_READ = 10;

export class Backlog {
  readonly #queues: readonly LaneQueue[];
  #waiting: number[];
  #addedSince: number[];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(queues: readonly LaneQueue[]) {
    this.#queues = queues;
    this.#waiting = queues.map(() => 0);
    this.#addedSince = queues.map(() => 0);
  }

  /** Reads once, and then about once a second. Never throws: a store that does not answer changes nothing. */
  async follow(): Promise<void> {
    const began = performance.now();
    await this.#read().catch(() => {});
    if (this.#closed) return;
    const pause = Math.max(READ_EVERY_MS, REST_PER_READ * (performance.now() - began));
    this.#timer = setTimeout(() => void this.follow(), pause).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  get lanes(): number {
    return this.#queues.length;
  }

  /** Submissions that wait on a lane. */
  of(lane: number): number {
    return (this.#waiting[lane] ?? 0) + (this.#addedSince[lane] ?? 0);
  }

  /** Submissions that wait on all lanes. */
  inAll(): number {
    return sum(this.#waiting) + sum(this.#addedSince);
  }

  /** To be told of each submission that this process has put on a lane. */
  added(lane: number): void {
    this.#addedSince[lane] = (this.#addedSince[lane] ?? 0) + 1;
  }

  async #read(): Promise<void> {
    const addedBefore = [...this.#addedSince];
    const waiting = await within(
      READ_WITHIN_MS,
      Promise.all(this.#queues.map(queue => queue.getJobCountByTypes('waiting'))),
    );
    this.#waiting = waiting;
    // What was added while it was read may be counted twice, until the next time.
    this.#addedSince = this.#addedSince.map((added, lane) => added - (addedBefore[lane] ?? 0));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
