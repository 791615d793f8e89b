import { Job, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';
import { LOCK_MS } from './bullmq-options.ts';
import { logConnectionError } from './connection-errors.ts';
import type { ConsumerTraits } from './consumer-traits.ts';
import { type Finished, sendableTogether } from './finished.ts';
import { LaneLostError } from './lane-lost-error.ts';
import type { JOB_NAME, LaneJob, LaneQueue, LaneWorker, QueueStore } from './queue-store.ts';
import { allReady } from './ready-queues.ts';
import { type Applied, refusalLine, type SubmissionData } from './submission.ts';
import { within } from './within.ts';

/** A process that stops has no more time for a store that is silent. */
const SETTLES_WITHIN_MS = 2000;

/**
 * The receiving end of one lane: BullMQ's worker with its jobs fetched by hand,
 * so that a whole batch can be finished at once. Not more than one job is active
 * at a time, whoever asks: the queue's global concurrency sees to that.
 *
 * @see https://docs.bullmq.io/patterns/manually-fetching-jobs
 */
export class LaneConsumer {
  readonly #store: Pick<QueueStore, 'openQueue' | 'closeQueue'>;
  readonly #worker: LaneWorker;
  readonly #queue: LaneQueue;
  readonly #traits: ConsumerTraits;
  /** Marks the locks of this consumer's jobs. */
  readonly #token: string;

  constructor(
    worker: LaneWorker,
    store: Pick<QueueStore, 'openQueue' | 'closeQueue'>,
    traits: ConsumerTraits,
    log: Logger,
  ) {
    worker.on('error', error => logConnectionError(log, error, worker.name));
    worker.on('stalled', submissionId => log.warn({ submissionId }, 'taken over from a dead process'));
    this.#store = store;
    this.#worker = worker;
    this.#queue = store.openQueue(worker.name);
    this.#traits = traits;
    this.#token = worker.id;
  }

  /** Begins to look for jobs of dead processes. @throws when it is of no use, and another is to be opened */
  async open(): Promise<void> {
    if (this.#traits.mustConnectAtOnce)
      await allReady([this.#worker, this.#queue]).catch(error => {
        this.abandon().catch(() => {});
        throw error;
      });
    await this.#worker.startStalledCheckTimer();
  }

  /** To be called before the first {@link next}, again whenever the lane has been another's. */
  async claim(): Promise<void> {
    // The store may have lost it (FLUSHALL) since it was set.
    await this.#queue.setGlobalConcurrency(1);
  }

  /** The lane's next job, now active and ours; undefined when none has come within a moment. */
  async next(): Promise<LaneJob | undefined> {
    return (await this.#worker.getNextJob(this.#token)) ?? undefined;
  }

  /** The first `count` jobs behind the active one, in order. They stay where they are. */
  async peek(count: number): Promise<LaneJob[]> {
    const ids = count > 0 ? await this.#traits.waitingIds(this.#queue, count) : [];
    const jobs = await Promise.all(ids.map(id => this.#jobById(id)));
    return jobs.filter(job => job !== undefined);
  }

  /**
   * Finishes a batch, the active job first, in order: each that is finished
   * makes the one behind it active, so none is ever passed over. Stops where one
   * cannot be finished, for instance because the lane has gone to another
   * process; whoever has the rest then finds its issues there.
   *
   * @param goOn whether to make the job behind the batch active, too
   * @returns the job that is active now, if any, and why it stopped early
   */
  async finish(
    batch: readonly Finished[],
    goOn: boolean,
  ): Promise<{ next: LaneJob | undefined; error?: unknown }> {
    const last = batch.at(-1);
    let next: LaneJob | undefined;
    for (const together of sendableTogether(batch, this.#traits.keepsCommandOrder)) {
      const answers = await Promise.allSettled(
        together.map(finished => this.#finishOne(finished, goOn || finished !== last)),
      );
      // The last that could be finished has made active what is active now.
      for (const answer of answers) if (answer.status === 'fulfilled') next = answer.value;
      const failed = answers.find(answer => answer.status === 'rejected');
      if (failed !== undefined) return { next, error: failed.reason };
    }
    return { next };
  }

  /** Renews the lock on an active job. @throws LaneLostError when it is no longer ours */
  async hold(job: LaneJob): Promise<void> {
    const renewed = await job.extendLock(this.#token, LOCK_MS);
    if (renewed !== 1) throw new LaneLostError('the lock is no longer ours');
  }

  /** Puts an active job back at the head of its lane, at once or when its lock runs out. */
  async giveBack(job: LaneJob): Promise<void> {
    if (this.#traits.givesBackToHead) await job.moveToWait(this.#token);
  }

  async close(): Promise<void> {
    await within(SETTLES_WITHIN_MS, this.#connecting()).catch(() => {});
    await this.#worker.close();
    await this.#store.closeQueue(this.#queue);
  }

  /** Closes it without a word to the store, which may never answer. */
  async abandon(): Promise<void> {
    await this.#connecting().catch(() => {});
    await this.#worker.close(true);
    await this.#store.closeQueue(this.#queue);
  }

  /** On PostgreSQL, a worker that is closed in the middle of it connects all the same, and keeps its connection. */
  async #connecting(): Promise<void> {
    if (this.#traits.mustConnectAtOnce) await this.#worker.waitUntilReady();
  }

  /** @returns the lane's next job, which the store has made active in the same step */
  async #finishOne({ job, outcome }: Finished, fetchNext: boolean): Promise<LaneJob | undefined> {
    const answer =
      outcome.status === 'applied'
        ? await job.moveToCompleted(outcome, this.#token, fetchNext)
        : await job.moveToFailed(withoutStack(refusalLine(outcome)), this.#token, fetchNext);
    const [data, id] = answer ?? [];
    return data ? Job.fromJSON<SubmissionData, Applied, typeof JOB_NAME>(this.#worker, data, id) : undefined;
  }

  #jobById(id: string): Promise<LaneJob | undefined> {
    return Job.fromId<SubmissionData, Applied, typeof JOB_NAME>(this.#worker, id);
  }
}

/** The dashboard shows why a submission failed, and not where in our sources. */
function withoutStack(message: string): Error {
  const error = new UnrecoverableError(message);
  error.stack = message;
  return error;
}
