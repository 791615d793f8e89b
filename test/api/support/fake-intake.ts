import type { Intake, SubmissionState } from '../../../src/api/intake.ts';
import { Wait } from '../../../src/api/wait.ts';
import { QueueUnavailableError } from '../../../src/errors.ts';
import type { Outcome, Submission } from '../../../src/submission.ts';

/** An intake in memory, for what HTTP alone decides. Nothing is ever applied. */
export class FakeIntake implements Intake {
  readonly accepted: Submission[] = [];
  /** What submissions are found in. */
  state: SubmissionState = { status: 'queued' };
  /** What those who wait are told. */
  outcome: Outcome | undefined;
  isAway = false;
  readonly waiting = new Set<Wait>();

  async accept(submission: Submission): Promise<void> {
    await this.ping();
    if (!this.accepted.some(({ id }) => id === submission.id)) this.accepted.push(submission);
  }

  async acceptAndWait(submission: Submission): Promise<Outcome | undefined> {
    await this.accept(submission);
    return this.outcome;
  }

  async follow(): Promise<Wait> {
    const wait: Wait = new Wait(() => this.waiting.delete(wait));
    this.waiting.add(wait);
    return wait;
  }

  async find(userId: string, submissionId: string) {
    await this.ping();
    const submission = this.accepted.find(each => each.id === submissionId && each.userId === userId);
    return submission && { submission, state: this.state };
  }

  async ping(): Promise<void> {
    if (this.isAway) throw new QueueUnavailableError();
  }

  async close(): Promise<void> {}
}
