import type { MikroORM } from '@mikro-orm/postgresql';
import { DatabaseUnavailableError } from '../errors.ts';
import type { Refused, Submission } from '../submission.ts';
import type { Intake } from './intake.ts';
import { findIssue, type IssueView } from './issue-reads.ts';
import { sameContent } from './raise-request.ts';
import { IdempotencyKeyReusedError } from './request-errors.ts';

/*
 * Raising, without and with an Idempotency-Key. With one, the submission's id is
 * made of user and key, so the lane takes it once. It remains to see whether what
 * is there is what was sent now: in the issues table when it was applied long ago,
 * else on the lane.
 */

/** What is known of a submission when its request is answered. */
export interface Raised {
  readonly replayed: boolean;
  /** Its end, when that was waited for and came. */
  readonly end?: IssueView | Refused | undefined;
}

export interface RaiseOptions {
  readonly intake: Intake;
  readonly orm: MikroORM;
}

/** The submission is accepted without this look as well: it may not hold up the answer. */
const EXTRA_READ_TIMEOUT_MS = 500;

const NEW: Raised = { replayed: false };

/** @throws QueueUnavailableError */
export async function raise(options: RaiseOptions, submission: Submission, waitMs: number): Promise<Raised> {
  if (waitMs > 0) return { replayed: false, end: await endOf(options, submission, waitMs) };
  await options.intake.accept(submission);
  return NEW;
}

/**
 * @throws QueueUnavailableError
 * @throws IdempotencyKeyReusedError
 */
export async function raiseOnce(
  options: RaiseOptions,
  submission: Submission,
  waitMs: number,
): Promise<Raised> {
  const applied = await lookForIssue(options.orm, submission);
  if (applied !== undefined) return replayOf(applied, submission);

  await options.intake.accept(submission);
  const known = await options.intake.find(submission.userId, submission.id);
  if (known === undefined) {
    // Applied and gone from the lane in between: by now the issue is there, unless the database is away.
    const issue = await lookForIssue(options.orm, submission);
    return issue === undefined ? NEW : replayOf(issue, submission);
  }
  if (!sameContent(known.submission, submission)) throw new IdempotencyKeyReusedError();
  const replayed = isAnother(known.submission, submission);
  if (waitMs === 0) return { replayed };
  return { replayed, end: await endOf(options, submission, waitMs) };
}

function replayOf(issue: IssueView, submission: Submission): Raised {
  if (!sameContent(issue, submission)) throw new IdempotencyKeyReusedError();
  return { replayed: issue.acceptedAt !== submission.acceptedAt.toISOString(), end: issue };
}

function isAnother(first: Submission, second: Submission): boolean {
  return first.requestId !== second.requestId || first.acceptedAt.getTime() !== second.acceptedAt.getTime();
}

async function endOf({ intake, orm }: RaiseOptions, submission: Submission, waitMs: number) {
  const outcome = await intake.acceptAndWait(submission, waitMs);
  if (outcome !== undefined && outcome.status !== 'applied') return outcome;
  // Also when nothing was heard: the news may be lost, the issue is not.
  return lookForIssue(orm, submission);
}

/** Undefined as well when the database is away. */
async function lookForIssue(orm: MikroORM, { userId, id }: Submission): Promise<IssueView | undefined> {
  try {
    return await findIssue(orm, userId, id, EXTRA_READ_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return undefined;
    throw error;
  }
}
