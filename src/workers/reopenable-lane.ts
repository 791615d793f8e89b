import type { Logger } from 'pino';
import type { LaneQueue } from '../queue-store.ts';
import type { LaneRunner } from './lane-runner.ts';
import type { WatchedLane } from './watchdog.ts';

/** A lane of this process, whose runner can be replaced when it hangs. */
export class ReopenableLane implements WatchedLane {
  readonly log: Logger;
  readonly #openRunner: () => Promise<LaneRunner>;
  readonly #queue: LaneQueue;
  #runner: LaneRunner;
  #isOurs = false;

  private constructor(
    openRunner: () => Promise<LaneRunner>,
    runner: LaneRunner,
    queue: LaneQueue,
    log: Logger,
  ) {
    this.#openRunner = openRunner;
    this.#queue = queue;
    this.#runner = runner;
    this.log = log;
  }

  /** Opens the lane, which rests at first. */
  static async open(
    openRunner: () => Promise<LaneRunner>,
    queue: LaneQueue,
    log: Logger,
  ): Promise<ReopenableLane> {
    return new ReopenableLane(openRunner, await openRunner(), queue, log);
  }

  get isOurs(): boolean {
    return this.#isOurs;
  }

  get isApplying(): boolean {
    return this.#runner.isApplying;
  }

  get progress(): number {
    return this.#runner.progress;
  }

  async shouldMove(): Promise<boolean> {
    // Asked in one turn, so in one round trip.
    const [{ waiting = 0, active = 0 }, isPaused] = await Promise.all([
      this.#queue.getJobCounts('waiting', 'active'),
      this.#queue.isPaused(),
    ]);
    return this.#runner.hasHead || (waiting > 0 && active === 0 && !isPaused);
  }

  /** Runs the lane from now on, or lets it rest. */
  take(isOurs: boolean): void {
    this.#isOurs = isOurs;
    if (isOurs) this.#runner.run();
    else void this.#runner.rest();
  }

  abandon(): void {
    this.#runner.abandon();
  }

  async reopen(): Promise<void> {
    this.abandon();
    this.#runner = await this.#openRunner();
    this.take(this.#isOurs);
  }

  async close(): Promise<void> {
    await this.#runner.close();
  }
}
