import type { LaneSet } from '../lane-set.ts';
import type { LaneJob, LaneQueue } from '../queue-store.ts';
import { LaneReading } from './lane-reading.ts';

/*
 * How long the submission has waited whose turn it is on each lane: none on the
 * lane waits longer, but for one that was put there again.
 */

const READ_EVERY_MS = 2000;

export class LaneAges {
  readonly #reading: LaneReading<number | undefined>;
  /** When each lane's head was accepted, in ms since 1970. */
  #acceptedAt: ReadonlyMap<LaneQueue, number | undefined> = new Map();

  /** @param lanes those of all epochs that are not over, at any time */
  constructor(lanes: () => readonly LaneSet[], head: (queue: LaneQueue) => Promise<LaneJob | undefined>) {
    this.#reading = new LaneReading({
      lanes,
      everyMs: READ_EVERY_MS,
      ask: async queue => since(await head(queue)),
      begin: () => answers => {
        this.#acceptedAt = answers;
      },
    });
  }

  /** Reads once, and then about every 2 s. Never throws. */
  follow(): Promise<void> {
    return this.#reading.follow();
  }

  close(): void {
    this.#reading.close();
  }

  /** Milliseconds, by the clock of this machine; undefined when nothing waits. */
  of(queue: LaneQueue): number | undefined {
    const acceptedAt = this.#acceptedAt.get(queue);
    return acceptedAt === undefined ? undefined : Math.max(0, Date.now() - acceptedAt);
  }
}

/** One that is tried again was accepted long ago; it has not waited since. */
function since(job: LaneJob | undefined): number | undefined {
  return job?.attemptsMade === 0 ? job.timestamp : undefined;
}
