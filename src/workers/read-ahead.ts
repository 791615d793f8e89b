import type { LaneJob } from '../queue-store.ts';
import { INTERNAL_FAILURE, type Outcome, type Submission, submissionOf } from '../submission.ts';

/*
 * A lane's active job is the right to apply the lane. So the job at the head
 * also applies those waiting behind it, all in one unit of work; when their
 * turns come they find the work done and only report it.
 *
 * A follower may skip its work only because the head's transaction committed in
 * this very process. After a crash nothing is remembered: the next owner applies
 * the followers again, and finds their issues there.
 */

export interface ReadAheadOptions {
  /** Most submissions in one unit of work, the head included. */
  readonly limit: number;
  /** The lane's first waiting jobs, in order. When it fails the head goes alone. */
  readonly readWaiting: (count: number) => Promise<readonly LaneJob[]>;
  /** The outcomes of the first one or more of a batch; see `applyUntilDone`. */
  readonly apply: (batch: readonly Submission[], head: LaneJob) => Promise<Outcome[]>;
  /** Told of outcomes as soon as they are final, before their jobs report them. */
  readonly onOutcomes: (batch: readonly Submission[], outcomes: readonly Outcome[]) => void;
  /** Told when the waiting jobs could not be read: no submission's fault. */
  readonly onReadError: (error: unknown) => void;
}

interface Remembered {
  readonly outcome: Outcome;
  /** How often the job had been started when it was read: one more is ours, any other is somebody else's. */
  readonly startsSeen: number;
}

/** The outcomes of one lane's jobs. Right only while the lane runs one job at a time. */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  /** @throws only what `apply` throws */
  async outcomeOf(job: LaneJob): Promise<Outcome> {
    return this.#recall(job) ?? (await this.#lead(job));
  }

  #recall({ id = '', attemptsStarted }: LaneJob): Outcome | undefined {
    const remembered = this.#remembered.get(id);
    this.#remembered.delete(id);
    return remembered?.startsSeen === attemptsStarted - 1 ? remembered.outcome : undefined;
  }

  async #lead(head: LaneJob): Promise<Outcome> {
    // What is left belongs to jobs that were removed, or done by another process.
    this.#remembered.clear();
    const [submission] = readable([head]);
    if (submission === undefined) return INTERNAL_FAILURE;
    const followers = await this.#readFollowers();
    const batch = [submission, ...readable(followers)];
    const outcomes = await this.#options.apply(batch, head);
    this.#options.onOutcomes(batch, outcomes);
    return this.#remember(followers, outcomes);
  }

  async #readFollowers(): Promise<readonly LaneJob[]> {
    try {
      return await this.#options.readWaiting(this.#options.limit - 1);
    } catch (error) {
      this.#options.onReadError(error);
      return [];
    }
  }

  /** Keeps the followers' outcomes for their turns, and gives the head its own. */
  #remember(followers: readonly LaneJob[], [own = INTERNAL_FAILURE, ...theirs]: readonly Outcome[]): Outcome {
    theirs.forEach((outcome, index) => {
      const job = followers[index];
      if (job?.id !== undefined) this.#remembered.set(job.id, { outcome, startsSeen: job.attemptsStarted });
    });
    return own;
  }
}

/** The submissions of the jobs before the first that holds none: that one will fail when it is the head. */
function readable(jobs: readonly LaneJob[]): Submission[] {
  const submissions: Submission[] = [];
  for (const job of jobs) {
    try {
      submissions.push(submissionOf(job));
    } catch {
      break;
    }
  }
  return submissions;
}
