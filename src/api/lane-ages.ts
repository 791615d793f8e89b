import type { LaneJob, LaneQueue } from '../queue-store.ts';
import { within } from '../within.ts';

/*
 * How long the submission has waited whose turn it is on each lane: none on the
 * lane waits longer, but for one that was put there again. Read in the background,
 * for all lanes at once.
 */

const READ_EVERY_MS = 2000;
const READ_WITHIN_MS = 900;

/** As for the backlog: not more than a tenth of the store's time. */
const REST_PER_READ = 10;

export class LaneAges {
  readonly #queues: readonly LaneQueue[];
  readonly #head: (queue: LaneQueue) => Promise<LaneJob | undefined>;
  /** When each lane's head was accepted, in ms since 1970. */
  #acceptedAt: (number | undefined)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(queues: readonly LaneQueue[], head: (queue: LaneQueue) => Promise<LaneJob | undefined>) {
    this.#queues = queues;
    this.#head = head;
  }

  /** Reads once, and then about every 2 s. Never throws: a store that does not answer changes nothing. */
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

  /** Milliseconds, by the clock of this machine; undefined when nothing waits. */
  of(lane: number): number | undefined {
    const acceptedAt = this.#acceptedAt[lane];
    return acceptedAt === undefined ? undefined : Math.max(0, Date.now() - acceptedAt);
  }

  async #read(): Promise<void> {
    const heads = await within(READ_WITHIN_MS, Promise.all(this.#queues.map(this.#head)));
    // One that is tried again was accepted long ago; it has not waited since.
    this.#acceptedAt = heads.map(job => (job && job.attemptsMade === 0 ? job.timestamp : undefined));
  }
}
