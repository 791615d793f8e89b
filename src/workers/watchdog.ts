import type { Logger } from 'pino';
import { within } from '../within.ts';

/*
 * BullMQ workers have been seen that take no jobs and believe that they run
 * (bullmq#4479, #4378, #4138): mostly their blocking connection hangs, while all
 * others work. One that never connected is worse: the job is taken and applied,
 * cannot be finished, and its lock is renewed for ever. So nobody is believed: a
 * lane on which submissions wait and nothing moves is opened anew, and if that does
 * not help for long the process has to go.
 *
 * What is counted are looks, not seconds: a process that was stopped for a minute
 * looks once when it goes on, and a clock that jumps changes nothing.
 */

/** One lane of this process, as the watchdog sees it. */
export interface WatchedLane {
  readonly log: Logger;
  /** Whether it is for this process to run. */
  readonly isOurs: boolean;
  /** Whether a unit of work is on, or waits for its turn or for the database. That is bounded by itself. */
  readonly isApplying: boolean;
  /** Another number after each job taken and each batch applied or finished. */
  readonly progress: number;
  /**
   * Whether something should happen: a job is ours, or some wait and nobody in any
   * process is at work on the lane.
   *
   * @throws when the store is away
   */
  shouldMove(): Promise<boolean>;
  /** Leaves what it hangs on behind, and begins anew. */
  reopen(): Promise<void>;
  /** Leaves what it hangs on behind, so that closing it does not hang too. */
  abandon(): void;
}

export interface WatchdogBounds {
  readonly lookEveryMs: number;
  /** A lane is reopened after this many looks without progress. */
  readonly looks: number;
}

/**
 * 15 s. What a lane does by itself takes less: BullMQ gives up a blocking
 * connection that is silent after 1.3 s and has another 2 s later, and a dead
 * process's lane is taken over within 7 s.
 */
const DEFAULT_BOUNDS: WatchdogBounds = { lookEveryMs: 2500, looks: 6 };

/**
 * A lane that stands still again within 5 minutes is given up. A new consumer
 * takes what waits without blocking first, so one that will hang does help once.
 */
const HELPS_FOR_TIMES = 20;

const ANSWER_WITHIN_MS = 1000;

export interface WatchdogOptions {
  readonly lanes: readonly WatchedLane[];
  /** Called once, when a lane stands still soon after it was opened anew. */
  readonly onStuck: () => void;
  readonly bounds?: WatchdogBounds | undefined;
}

/** Follows whether the lanes of this process move. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #bounds: WatchdogBounds;
  readonly #seen = new Map<WatchedLane, Seen>();
  #timer: NodeJS.Timeout | undefined;
  #isStuck = false;
  #closed = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#bounds = options.bounds ?? DEFAULT_BOUNDS;
    this.#lookLater();
  }

  /** False when a lane has been given up: the process is about to end. */
  isWell(): boolean {
    return !this.#isStuck;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void Promise.all(this.#options.lanes.map(lane => this.#lookAt(lane))).finally(() => this.#lookLater());
    }, this.#bounds.lookEveryMs);
  }

  async #lookAt(lane: WatchedLane): Promise<void> {
    const { progress } = lane;
    const before = this.#seen.get(lane);
    const stands = await standsStill(lane);
    if (this.#closed) return;
    const still = !stands ? 0 : before?.progress === progress ? before.still + 1 : 1;
    const sinceReopened = (before?.sinceReopened ?? Number.POSITIVE_INFINITY) + 1;
    this.#seen.set(lane, { progress, still, sinceReopened });
    if (still < this.#bounds.looks) return;
    if (sinceReopened <= HELPS_FOR_TIMES * this.#bounds.looks) this.#giveUp(lane);
    else await this.#reopen(lane);
  }

  async #reopen(lane: WatchedLane): Promise<void> {
    this.#seen.set(lane, { progress: lane.progress, still: 0, sinceReopened: 0 });
    lane.log.warn('submissions wait and the lane does not move; opening it anew');
    try {
      await lane.reopen();
    } catch (error) {
      lane.log.error({ err: error }, 'the lane cannot be opened anew');
    }
  }

  #giveUp(lane: WatchedLane): void {
    if (this.#isStuck) return;
    this.#isStuck = true;
    lane.log.fatal('the lane does not move although it was opened anew; this process ends');
    lane.abandon();
    this.#options.onStuck();
  }
}

/** In looks. */
interface Seen {
  readonly progress: number;
  /** Since when the lane stands still. */
  readonly still: number;
  readonly sinceReopened: number;
}

/** Not when the store is away: then nobody knows what waits, and opening anew helps nobody. */
async function standsStill(lane: WatchedLane): Promise<boolean> {
  const { progress } = lane;
  const stoodStill = () => lane.isOurs && !lane.isApplying && lane.progress === progress;
  if (!stoodStill()) return false;
  try {
    return (await within(ANSWER_WITHIN_MS, lane.shouldMove())) && stoodStill();
  } catch {
    return false;
  }
}
