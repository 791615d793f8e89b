import type { MikroORM } from '@mikro-orm/postgresql';
import { DatabaseUnavailableError } from '../errors.ts';
import type { Figures } from '../figures/figures.ts';
import type { Refused, Submission } from '../submission.ts';
import type { Admission } from './admission.ts';
import type { Intake } from './intake.ts';
import type { IssueView } from './issue-reads.ts';
import { findEnd, type RecordedRefusal, type SubmissionEnd } from './submission-end.ts';

/* Raising, and how the end of a submission is found where it is waited for. */

/** What is known of a submission when its request is answered. */
export interface Raised {
  readonly replayed: boolean;
  /** Its end, when that was waited for and came. */
  readonly end?: IssueView | Refused | undefined;
}

export interface RaiseOptions {
  readonly intake: Intake;
  readonly admission?: Admission | undefined;
  readonly figures?: Figures | undefined;
  readonly orm: MikroORM;
}

/** How long a client waits. */
export interface RaiseTimes {
  /** For the end, when it is accepted. */
  readonly waitMs: number;
  /** What is left of the time in which it is accepted or refused, in milliseconds. */
  readonly left: () => number;
}

/** The submission is accepted without this look as well: it may not hold up the answer. */
const EXTRA_READ_TIMEOUT_MS = 400;

export const NEW: Raised = { replayed: false };

/**
 * @throws QueueUnavailableError
 * @throws BacklogFullError
 */
export async function raise(
  options: RaiseOptions,
  submission: Submission,
  { waitMs, left }: RaiseTimes,
): Promise<Raised> {
  const { intake, admission } = options;
  admission?.admit(submission.userId);
  const end =
    waitMs > 0
      ? await endOf(options, submission, { waitMs, withinMs: left() })
      : await intake.accept(submission, left());
  admission?.accepted(submission.userId);
  return end === undefined ? NEW : { replayed: false, end };
}

/** @param before a refusal that is not the end when the submission has been put on its lane again */
export async function endOf(
  { intake, orm }: RaiseOptions,
  submission: Submission,
  { waitMs, withinMs }: { waitMs: number; withinMs?: number },
  before?: RecordedRefusal,
): Promise<IssueView | Refused | undefined> {
  const began = performance.now();
  const outcome = await intake.acceptAndWait(submission, waitMs, withinMs);
  if (outcome !== undefined && outcome.status !== 'applied') return outcome;
  // Also when nothing was heard: the news may be lost, the end is not.
  const left = Math.max(waitMs - (performance.now() - began), EXTRA_READ_TIMEOUT_MS);
  const end = await lookForEnd(orm, submission, left);
  const isStale = end !== undefined && 'code' in end && end.refusedAt === before?.refusedAt;
  return isStale ? undefined : end;
}

/** Undefined as well when the database is away. */
export async function lookForEnd(
  orm: MikroORM,
  { userId, id }: Submission,
  timeoutMs = EXTRA_READ_TIMEOUT_MS,
): Promise<SubmissionEnd | undefined> {
  try {
    return await findEnd(orm, userId, id, timeoutMs);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return undefined;
    throw error;
  }
}
