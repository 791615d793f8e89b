import type { LaneSet } from '../lane-set.ts';
import type { LaneQueue } from '../queue-store.ts';
import { within } from '../within.ts';

const READ_WITHIN_MS = 900;

/** Counting takes a PostgreSQL longer, the more there is: not more than a tenth of its time. */
const REST_PER_READ = 10;

export interface LaneReadingOptions<T> {
  /** Those of all epochs that are not over, at any time. */
  readonly lanes: () => readonly LaneSet[];
  readonly everyMs: number;
  /** What is read of each lane. */
  readonly ask: (queue: LaneQueue) => Promise<T>;
  /** Told that a reading begins. @returns what takes its answers */
  readonly begin: () => (answers: ReadonlyMap<LaneQueue, T>) => void;
}

/**
 * Reads something of every lane in the background, in one round trip for all. A
 * store that does not answer changes nothing.
 */
export class LaneReading<T> {
  readonly #options: LaneReadingOptions<T>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LaneReadingOptions<T>) {
    this.#options = options;
  }

  /** Reads once, and then again and again. Never throws. */
  async follow(): Promise<void> {
    const began = performance.now();
    await this.#read().catch(() => {});
    if (this.#closed) return;
    const pause = Math.max(this.#options.everyMs, REST_PER_READ * (performance.now() - began));
    this.#timer = setTimeout(() => void this.follow(), pause).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    const { lanes, ask, begin } = this.#options;
    const take = begin();
    const queues = lanes().flatMap(set => set.queues);
    const answers = await within(
      READ_WITHIN_MS,
      Promise.all(queues.map(async queue => [queue, await ask(queue)] as const)),
    );
    take(new Map(answers));
  }
}
