import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LOCK_MS } from '../bullmq-options.ts';
import type { Finished, LaneConsumer } from '../lane-consumer.ts';
import type { LaneJob } from '../queue-store.ts';

const AFTER_ERROR_MS = 500;
const RENEW_EVERY_MS = LOCK_MS / 2;

/** A unit of work that hangs (the network to the database is cut) must not keep a lane from the others for ever. */
const HOLD_WHILE_RESTING_MS = 2000;

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

  constructor(options: LaneRunnerOptions) {
    this.#options = options;
    this.#resting.abort();
  }

  /** Takes jobs from now on. */
  run(): void {
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

  async #untilResting(): Promise<void> {
    const { consumer, log } = this.#options;
    let head: LaneJob | undefined;
    let claimed = false;
    while (head !== undefined || !this.#resting.signal.aborted) {
      try {
        if (!claimed) await consumer.claim();
        claimed = true;
        head ??= await consumer.next();
        if (head !== undefined) head = await this.#applyFrom(head);
      } catch (error) {
        head = undefined;
        if (this.#resting.signal.aborted) break;
        log.warn({ err: error }, 'the lane tries again');
        await sleep(AFTER_ERROR_MS);
      }
    }
  }

  /** @returns the job that is active after the batch */
  async #applyFrom(head: LaneJob): Promise<LaneJob | undefined> {
    const { consumer, log, lead } = this.#options;
    const stopHolding = this.#hold(head);
    try {
      const finished = await lead(head, this.#resting.signal);
      const { next, error } = await consumer.finish(finished, !this.#resting.signal.aborted);
      if (error !== undefined)
        log.warn({ err: error }, 'the batch is applied, but not all of it could be finished');
      return next;
    } catch (gaveUp) {
      await consumer.giveBack(head);
      throw gaveUp;
    } finally {
      stopHolding();
    }
  }

  /** Keeps the lock on a job, and so the lane. */
  #hold(head: LaneJob): () => void {
    const { consumer, log } = this.#options;
    const renewal = setInterval(() => {
      consumer
        .hold(head)
        .catch(error => log.warn({ err: error, submissionId: head.id }, 'cannot renew the lock'));
    }, RENEW_EVERY_MS);
    const letGo = () => setTimeout(() => clearInterval(renewal), HOLD_WHILE_RESTING_MS).unref();
    const { signal } = this.#resting;
    signal.addEventListener('abort', letGo, { once: true });
    return () => {
      clearInterval(renewal);
      signal.removeEventListener('abort', letGo);
    };
  }
}
