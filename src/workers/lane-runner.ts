import type { Logger } from 'pino';
import { type Lane, laneLabel } from '../lanes.ts';
import type { LaneProcessor, LaneWorker, QueueStore } from '../queue-store.ts';

export interface LaneRunnerOptions {
  readonly store: QueueStore;
  readonly lane: Lane;
  readonly processor: LaneProcessor;
  readonly log: Logger;
}

/**
 * One lane in this process: runs it while it is ours, rests while it is another
 * process's. Changes follow one another, so that a lane told to run and to rest
 * within a moment ends as the last of them says.
 */
export class LaneRunner {
  readonly #worker: LaneWorker;
  readonly #log: Logger;
  #change: Promise<void> = Promise.resolve();

  constructor({ store, lane, processor, log }: LaneRunnerOptions) {
    this.#log = log.child({ lane: laneLabel(lane) });
    this.#worker = store.openWorker(lane, processor);
    // Without a listener an error event would end the process. BullMQ goes on by itself.
    this.#worker.on('error', error => this.#log.warn({ err: error }, 'lane worker'));
    this.#worker.on('stalled', submissionId => this.#log.warn({ submissionId }, 'taken over from a dead process'));
  }

  /** Takes jobs from now on. */
  run(): void {
    this.#next(async () => {
      if (this.#worker.isPaused()) await this.#worker.resume();
      else if (!this.#worker.isRunning()) void this.#worker.run().catch(error => this.#log.error({ err: error }, 'lane'));
    });
  }

  /** Takes no further job; the current unit of work is finished first. */
  rest(): void {
    this.#next(async () => {
      if (this.#worker.isRunning() && !this.#worker.isPaused()) await this.#worker.pause();
    });
  }

  /** Finishes the current unit of work and stops for good. */
  async close(): Promise<void> {
    this.#next(() => this.#worker.close());
    await this.#change;
  }

  #next(change: () => Promise<void>): void {
    this.#change = this.#change
      .then(change)
      .catch(error => this.#log.warn({ err: error }, 'the lane could not change over'));
  }
}
