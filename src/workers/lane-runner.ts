import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Finished } from '../finished.ts';
import type { LaneConsumer } from '../lane-consumer.ts';
import type { LaneJob } from '../queue-store.ts';
import { holdHead } from './hold-head.ts';

const AFTER_ERROR_MS = 500;

export interface LaneRunnerOptions {
  readonly consumer: LaneConsumer;
  readonly log: Logger;
  /**
   * Applies the head and those behind it.
   *
   * @param resting aborts when the lane is to rest: there is no point in waiting for the database then
   * @throws when it gave up waiting: the head is then given back
   */
  readonly lead: (head: LaneJob, resting: AbortSignal) => Promise<Finished[]>;
}

/**
 * One lane in this process: takes jobs while the lane is ours, rests while it is
 * another process's. Nothing that goes wrong ends it; it tries again.
 */
export class LaneRunner {
  readonly #options: LaneRunnerOptions;
  #resting = new AbortController();
  #running: Promise<void> | undefined;
  #progress = 0;
  #head: LaneJob | undefined;
  #isApplying = false;
  #isAbandoned = false;

  constructor(options: LaneRunnerOptions) {
    this.#options = options;
    this.#resting.abort();
  }

  /** Whether a unit of work is on, or waits for its turn or for the database. */
  get isApplying(): boolean {
    return this.#isApplying;
  }

  /** Whether the lane's active job is ours. */
  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** Another number after each job taken and each batch applied or finished. */
  get progress(): number {
    return this.#progress;
  }

  /** Takes jobs from now on. */
  run(): void {
    if (this.#isAbandoned) return;
    if (this.#resting.signal.aborted) this.#resting = new AbortController();
    this.#running ??= this.#untilResting().finally(() => {
      this.#running = undefined;
      // Wanted again while the last batch was being finished.
      if (!this.#resting.signal.aborted) this.run();
    });
  }

  /** Takes no further job. Resolves when the current batch is finished. */
  async rest(): Promise<void> {
    this.#resting.abort();
    await this.#running;
  }

  async close(): Promise<void> {
    await this.rest();
    await this.#options.consumer.close();
  }

  /** Leaves a runner that hangs. Should it come to itself, it finds that it rests. */
  abandon(): void {
    const { consumer, log } = this.#options;
    this.#isAbandoned = true;
    this.#resting.abort();
    this.#running = undefined;
    consumer.abandon().catch(error => log.warn({ err: error }, 'closing a lane that hung'));
  }

  async #untilResting(): Promise<void> {
    const { consumer, log } = this.#options;
    let claimed = false;
    while (this.#head !== undefined || !this.#resting.signal.aborted) {
      try {
        if (!claimed) await consumer.claim();
        claimed = true;
        this.#head ??= await consumer.next();
        this.#progress += this.#head === undefined ? 0 : 1;
        if (this.#head !== undefined) this.#head = await this.#applyFrom(this.#head);
      } catch (error) {
        this.#head = undefined;
        if (this.#resting.signal.aborted) break;
        log.warn({ err: error }, 'the lane tries again');
        await sleep(AFTER_ERROR_MS);
      }
    }
  }

  /** @returns the job that is active after the batch */
  async #applyFrom(head: LaneJob): Promise<LaneJob | undefined> {
    const { consumer, log } = this.#options;
    const stopHolding = holdHead(head, { consumer, resting: this.#resting.signal, log });
    try {
      const finished = await this.#lead(head);
      const { next, error } = await consumer.finish(finished, !this.#resting.signal.aborted);
      if (error !== undefined)
        log.warn({ err: error }, 'the batch is applied, but not all of it could be finished');
      return next;
    } catch (gaveUp) {
      // Fails when the lane is another's by now, and then there is nothing to give back.
      await consumer.giveBack(head).catch(error => log.debug({ err: error }, 'nothing to give back'));
      throw gaveUp;
    } finally {
      stopHolding();
    }
  }

  async #lead(head: LaneJob): Promise<Finished[]> {
    this.#isApplying = true;
    try {
      return await this.#options.lead(head, this.#resting.signal);
    } finally {
      this.#isApplying = false;
      this.#progress++;
    }
  }
}
