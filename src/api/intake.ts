import type { Outcome, Refused, Submission } from '../submission.ts';
import type { Wait } from './wait.ts';

/** A submission as its lane knows it. A completed one's issue is in the database. */
export type SubmissionState = { readonly status: 'queued' | 'processing' | 'completed' } | Refused;

export interface Intake {
  /**
   * Puts a submission on its user's lane. When it resolves, the queue store has
   * it. Doing it again with the same id changes nothing.
   *
   * @param withinMs the most that the queue store may take, default 900 ms
   * @throws QueueUnavailableError
   */
  accept(submission: Submission, withinMs?: number): Promise<void>;

  /**
   * The same, and waits for the end, together up to `waitMs` milliseconds. Undefined when it has not come by then.
   *
   * @throws QueueUnavailableError
   */
  acceptAndWait(submission: Submission, waitMs: number, withinMs?: number): Promise<Outcome | undefined>;

  /**
   * What the lane knows of a submission of this user, with what was sent.
   * Undefined when the queue store does not (or no longer) hold it.
   *
   * @param withinMs the most that the queue store may take, default 900 ms
   * @throws QueueUnavailableError
   */
  find(
    userId: string,
    submissionId: string,
    withinMs?: number,
  ): Promise<{ submission: Submission; state: SubmissionState } | undefined>;

  /**
   * Begins to wait for the outcome of a submission that may be accepted already.
   * When it resolves, no later news is missed, as long as news gets through:
   * whoever waits looks for the outcome from time to time.
   */
  follow(submissionId: string): Promise<Wait>;

  /** @throws QueueUnavailableError when the queue store does not answer within 1 s */
  ping(): Promise<void>;

  /** Lets go of what waits. The queues are the store's to close. */
  close(): Promise<void>;
}
