import type { Logger } from 'pino';
import { logConnectionError } from '../connection-errors.ts';
import { type Epochs, liveEpochs, type Standing } from '../epochs.ts';
import { CannotRunError } from '../errors.ts';
import type { Epoch } from '../lanes.ts';
import type { QueueStore } from '../queue-store.ts';
import { untilAnswers } from '../until-answers.ts';
import { within } from '../within.ts';
import type { Drain } from './drain.ts';
import type { RunningEpoch } from './run-epoch.ts';

/*
 * Runs the lanes of the oldest epoch that is not over, and those of the next one
 * when it is. What order rests on lies in the store: the epochs, and one job at a
 * time on each lane. Both are confirmed before the lanes open, after a
 * reconnection, and every few seconds, because a store can lose them (FLUSHALL, a
 * failover).
 */

const LOOK_EVERY_MS = 1000;
const LOOK_EVERY_MS_WHILE_DRAINING = 300;
const CONFIRM_EVERY_MS = 5000;
const TURN_ENDS_WITHIN_MS = 2000;

export interface FollowEpochsOptions {
  readonly store: QueueStore;
  readonly epochs: Epochs;
  readonly drain: Drain;
  readonly run: (epoch: Epoch) => Promise<RunningEpoch>;
  /** Told when the store turns out to have been emptied. */
  readonly onEmptied: () => void;
  readonly log: Logger;
}

export class EpochFollower {
  readonly #options: FollowEpochsOptions;
  #running: RunningEpoch | undefined;
  #confirmedAt = 0;
  /** The id of the store, which is another one's after it has been emptied. */
  #store: string;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: FollowEpochsOptions) {
    this.#options = options;
    this.#store = options.epochs.standing.store;
    options.store.onReconnect(() => {
      this.#confirmedAt = Number.NEGATIVE_INFINITY;
      this.#goOnIn(0);
    });
  }

  /** Resolves when lanes run: it waits for the store. @throws LaneCountMismatchError */
  static async start(options: FollowEpochsOptions): Promise<EpochFollower> {
    const follower = new EpochFollower(options);
    await untilAnswers('queue store', () => follower.#runOldest(), options.log);
    follower.#goOnIn(follower.#pause());
    return follower;
  }

  /** False when a lane does not move and the process should end. */
  isReady(): boolean {
    return this.#running?.isReady() ?? true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // It waits for a store that is away, and such a store need not be told.
    await within(TURN_ENDS_WITHIN_MS, this.#turn).catch(() => {});
    await this.#running?.close();
  }

  #goOnIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#turn.then(() => this.#takeTurn()).then(() => this.#goOnIn(this.#pause()));
    }, ms);
  }

  #pause(): number {
    const isDraining = liveEpochs(this.#options.epochs.standing).length > 1;
    return isDraining ? LOOK_EVERY_MS_WHILE_DRAINING : LOOK_EVERY_MS;
  }

  async #takeTurn(): Promise<void> {
    const { log } = this.#options;
    if (this.#closed) return;
    try {
      await this.#runOldest();
      await this.#confirm();
    } catch (error) {
      if (error instanceof CannotRunError) log.error({ err: error }, 'cannot confirm the lanes');
      else logConnectionError(log, error, 'lanes');
    }
  }

  async #runOldest(): Promise<void> {
    const { run, log } = this.#options;
    const standing = await this.#drain();
    const [oldest] = liveEpochs(standing);
    if (oldest === undefined || oldest.number === this.#running?.epoch.number) return;
    if (this.#running !== undefined) log.info({ epoch: oldest }, 'the number of lanes has changed');
    const before = this.#running;
    this.#running = undefined;
    await before?.close();
    this.#running = await run(oldest);
    this.#confirmedAt = performance.now();
  }

  /** Without the database, or when the store is busy, an epoch ends later. */
  async #drain(): Promise<Standing> {
    const { epochs, drain, log } = this.#options;
    const standing = await epochs.look();
    this.#sayWhenEmptied(standing);
    try {
      return await drain.goOn(standing);
    } catch (error) {
      log.warn({ err: error }, 'cannot end the last epoch of lanes now');
      return epochs.standing;
    }
  }

  #sayWhenEmptied({ store }: Standing): void {
    if (store === this.#store) return;
    this.#store = store;
    const { log, onEmptied } = this.#options;
    log.error('the queue store has been emptied: what waited in it is lost; going on with what comes');
    onEmptied();
  }

  async #confirm(): Promise<void> {
    if (performance.now() - this.#confirmedAt < CONFIRM_EVERY_MS) return;
    await this.#running?.confirm();
    this.#confirmedAt = performance.now();
  }
}
