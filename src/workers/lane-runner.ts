import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LOCK_MS } from '../bullmq-options.ts';
import type { Finished, LaneConsumer } from '../lane-consumer.ts';
import type { LaneJob } from '../queue-store.ts';

const AFTER_ERROR_MS = 500;
const RENEW_EVERY_MS = LOCK_MS / 2;

export interface LaneRunnerOptions {
  readonly consumer: LaneConsumer;
  readonly log: Logger;
  /**
   * Applies the head and those behind it.
   *
   * @throws when the process stops before it could: the head is then given back
   */
  readonly lead: (head: LaneJob) => Promise<Finished[]>;
}

/**
 * One lane in this process: takes jobs while the lane is ours, rests while it is
 * another process's. Nothing that goes wrong ends it; it tries again.
 */
export class LaneRunner {
  readonly #options: LaneRunnerOptions;
  #wanted = false;
  #running: Promise<void> | undefined;

  constructor(options: LaneRunnerOptions) {
    this.#options = options;
  }

  /** Takes jobs from now on. */
  run(): void {
    this.#wanted = true;
    this.#running ??= this.#untilUnwanted().finally(() => {
      this.#running = undefined;
      // Wanted again while the last batch was being finished.
      if (this.#wanted) this.run();
    });
  }

  /** Takes no further job. Resolves when the current batch is finished. */
  async rest(): Promise<void> {
    this.#wanted = false;
    await this.#running;
  }

  async close(): Promise<void> {
    await this.rest();
    await this.#options.consumer.close();
  }

  async #untilUnwanted(): Promise<void> {
    const { consumer, log } = this.#options;
    let head: LaneJob | undefined;
    while (this.#wanted || head !== undefined) {
      try {
        head ??= await consumer.next();
        if (head !== undefined) head = await this.#applyFrom(head);
      } catch (error) {
        log.warn({ err: error }, 'the lane tries again');
        head = undefined;
        await sleep(AFTER_ERROR_MS);
      }
    }
  }

  /** @returns the job that is active after the batch */
  async #applyFrom(head: LaneJob): Promise<LaneJob | undefined> {
    const { consumer, log, lead } = this.#options;
    const renewal = setInterval(() => {
      consumer
        .hold(head)
        .catch(error => log.warn({ err: error, submissionId: head.id }, 'cannot renew the lock'));
    }, RENEW_EVERY_MS);
    try {
      const finished = await lead(head);
      const { next, error } = await consumer.finish(finished, this.#wanted);
      if (error !== undefined)
        log.warn({ err: error }, 'the batch is applied, but not all of it could be finished');
      return next;
    } catch (stopped) {
      await consumer.giveBack(head);
      throw stopped;
    } finally {
      clearInterval(renewal);
    }
  }
}
