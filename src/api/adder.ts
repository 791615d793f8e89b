import { QueueUnavailableError } from '../errors.ts';
import { JOB_NAME, type LaneQueue } from '../queue-store.ts';
import type { Submission } from '../submission.ts';

interface Pending {
  readonly submission: Submission;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Adds submissions to one lane. Those of one turn of the event loop go together
 * in one pipeline, in the order in which they came: fewer system calls, and no
 * waiting, because the turn ends by itself.
 */
export class Adder {
  readonly #queue: LaneQueue;
  #pending: Pending[] = [];

  constructor(queue: LaneQueue) {
    this.#queue = queue;
  }

  /**
   * Resolves when the store has the submission.
   *
   * @throws QueueUnavailableError when it is not known to have it
   */
  add(submission: Submission): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ submission, resolve, reject });
      if (this.#pending.length === 1) setImmediate(() => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    try {
      await this.#queue.addBulk(batch.map(({ submission }) => jobOf(submission)));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(new QueueUnavailableError({ cause: error }));
    }
  }
}

/** What the job says by itself, its id and its time, stays out of its data. */
function jobOf({ id, acceptedAt, ...data }: Submission) {
  return { name: JOB_NAME, data, opts: { jobId: id, timestamp: acceptedAt.getTime() } } as const;
}
