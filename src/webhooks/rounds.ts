import { setTimeout as sleep } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { TurnQueue } from '../turn-queue.ts';
import { findDue } from './due.ts';
import type { Pace } from './pace.ts';
import { relay } from './relay.ts';
import type { Rests } from './rests.ts';
import type { Watermark } from './watermark.ts';

/*
 * What each process does again and again: it takes what is in the outbox, finds
 * out up to where the order is known, and gives a turn to each endpoint that has
 * something to be told. All of it is in PostgreSQL, so any number of processes may
 * do it, and any of them may stop anywhere.
 */

const EVERY_MS = 200;
/** On a machine that others keep busy: few large rounds and turns take less of it than many small ones. */
const EVERY_MS_IF_BUSY = 1000;
const AFTER_ERROR_MS = 1000;

/** One that has not come to the end of a round for so long is not ready. */
const READY_FOR_MS = 15_000;

/** Outcomes that a round then takes out of the outbox: about as many as are sent until the next. */
const OUTCOMES_IF_BUSY = 150;

/** Units of work taken from the outbox at once: a second's worth of a busy worker process. */
const MOST_ENTRIES = 50;

export interface RoundsOptions {
  readonly orm: MikroORM;
  readonly watermark: Watermark;
  readonly pace: Pick<Pace, 'isBusy' | 'look'>;
  readonly rests: Rests;
  readonly turns: Pick<TurnQueue, 'add'>;
  readonly log: Logger;
}

export class Rounds {
  readonly #options: RoundsOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #waiting = new AbortController();
  /** Deliveries that came of an entry, the last time; before the first as many as an entry may have. */
  #inEntry = OUTCOMES_IF_BUSY;
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  isReady(): boolean {
    return performance.now() - this.#endedAt < READY_FOR_MS;
  }

  /** Begins the next round at once, unless others keep the machine busy: it comes soon anyway. */
  wake(): void {
    if (!this.#options.pace.isBusy) this.#waiting.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    while (!this.#closing.signal.aborted) {
      this.#waiting = new AbortController();
      try {
        await this.#pause(await this.#round());
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'cannot see what is to be told; trying again');
        await this.#pause(AFTER_ERROR_MS);
      }
    }
  }

  /** @returns in how many milliseconds the next is needed */
  async #round(): Promise<number> {
    const { orm, watermark, pace, rests, turns } = this.#options;
    pace.look();
    await watermark.aim();
    const entries = await this.#relay();
    await watermark.rise();
    const every = pace.isBusy ? EVERY_MS_IF_BUSY : EVERY_MS;
    const due = await findDue(orm, watermark.mark, every);
    const now = due.filter(({ id, ms }) => ms <= 0 && !rests.isResting(id));
    await turns.add(now.map(({ id }) => id));
    this.#endedAt = performance.now();
    if (pace.isBusy) return every;
    const soon = due.filter(({ ms }) => ms > 0).map(({ ms }) => ms);
    return entries === MOST_ENTRIES ? 0 : Math.min(every, ...soon);
  }

  /** @returns how many entries were taken */
  async #relay(): Promise<number> {
    const { orm, pace } = this.#options;
    const { entries, deliveries } = await relay(orm, pace.isBusy ? this.#fewEntries() : MOST_ENTRIES);
    if (entries > 0) this.#inEntry = deliveries / entries;
    return entries;
  }

  #fewEntries(): number {
    return Math.max(1, Math.floor(OUTCOMES_IF_BUSY / Math.max(1, this.#inEntry)));
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#waiting.signal }).catch(() => {});
  }
}
