import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { DatabaseUnavailableError } from '../errors.ts';
import type { Figures } from '../figures/figures.ts';
import type { Refused, Submission } from '../submission.ts';
import { type Admission, BacklogFullError } from './admission.ts';
import type { Intake } from './intake.ts';
import type { IssueView } from './issue-reads.ts';
import { sameContent } from './raise-request.ts';
import { IdempotencyKeyReusedError } from './request-errors.ts';
import { findEnd, type RecordedRefusal, type SubmissionEnd } from './submission-end.ts';

/*
 * Raising, without and with an Idempotency-Key. With one, the submission's id is
 * made of user and key, so the lane takes it once. It remains to see whether what
 * is there is what was sent now: in the database when it ended long ago, else on
 * the lane. A submission that was refused is not put on its lane again: that is
 * the operator's to do. Of several requests with one key, at most one is told that
 * it is new, however close together they come: the one whose nonce the job holds.
 */

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

/** The submission is accepted without this look as well: it may not hold up the answer. */
const EXTRA_READ_TIMEOUT_MS = 500;

const NEW: Raised = { replayed: false };

/**
 * @throws QueueUnavailableError
 * @throws BacklogFullError
 */
export async function raise(options: RaiseOptions, submission: Submission, waitMs: number): Promise<Raised> {
  const { intake, admission } = options;
  admission?.admit(submission.userId);
  const end = waitMs > 0 ? await endOf(options, submission, waitMs) : await intake.accept(submission);
  admission?.accepted(submission.userId);
  return end === undefined ? NEW : { replayed: false, end };
}

/**
 * @throws QueueUnavailableError
 * @throws BacklogFullError
 * @throws IdempotencyKeyReusedError
 */
export async function raiseOnce(
  options: RaiseOptions,
  submission: Submission,
  waitMs: number,
): Promise<Raised> {
  // This request has not been accepted yet: what is there, another has raised.
  const before = await lookForEnd(options.orm, submission);
  if (before !== undefined && 'code' in before) return replayRefused(options, before, submission, waitMs);
  if (before !== undefined) return replayOf(before, submission);

  await admitUnlessKnown(options, submission);
  const nonce = randomUUID();
  await options.intake.accept({ ...submission, nonce });
  options.admission?.accepted(submission.userId);
  const known = await options.intake.find(submission.userId, submission.id);
  if (known === undefined) {
    // Ended and gone from the lane in between: by now the end is there, unless the database is away.
    const end = await lookForEnd(options.orm, submission);
    return end === undefined ? NEW : { ...replayOf(end, submission), replayed: !isOf(end, submission) };
  }
  if (!sameContent(known.submission, submission)) throw new IdempotencyKeyReusedError();
  const replayed = known.submission.nonce !== nonce;
  if (waitMs === 0) return { replayed };
  return { replayed, end: await endOf(options, submission, waitMs) };
}

function replayOf(end: SubmissionEnd, submission: Submission): Raised {
  if (!sameContent('code' in end ? end.submission : end, submission)) throw new IdempotencyKeyReusedError();
  return { replayed: true, end };
}

/** Its job may be on the lane again; only then is there something to wait for. */
async function replayRefused(
  options: RaiseOptions,
  before: RecordedRefusal,
  submission: Submission,
  waitMs: number,
): Promise<Raised> {
  const replay = replayOf(before, submission);
  const known = await options.intake.find(submission.userId, submission.id);
  if (known === undefined) return replay;
  return waitMs === 0
    ? { replayed: true }
    : { replayed: true, end: await endOf(options, submission, waitMs, before) };
}

/** A full lane takes nothing new. What it has taken before is answered as accepted. */
async function admitUnlessKnown({ intake, admission }: RaiseOptions, submission: Submission): Promise<void> {
  try {
    admission?.admit(submission.userId);
  } catch (error) {
    if (!(error instanceof BacklogFullError)) throw error;
    if ((await intake.find(submission.userId, submission.id)) === undefined) throw error;
  }
}

function isOf(end: SubmissionEnd, { acceptedAt }: Submission): boolean {
  return end.acceptedAt === acceptedAt.toISOString();
}

/** @param before a refusal that is not the end when the submission has been put on its lane again */
async function endOf(
  { intake, orm }: RaiseOptions,
  submission: Submission,
  waitMs: number,
  before?: RecordedRefusal,
): Promise<IssueView | Refused | undefined> {
  const began = performance.now();
  const outcome = await intake.acceptAndWait(submission, waitMs);
  if (outcome !== undefined && outcome.status !== 'applied') return outcome;
  // Also when nothing was heard: the news may be lost, the end is not.
  const left = Math.max(waitMs - (performance.now() - began), EXTRA_READ_TIMEOUT_MS);
  const end = await lookForEnd(orm, submission, left);
  const isStale = end !== undefined && 'code' in end && end.refusedAt === before?.refusedAt;
  return isStale ? undefined : end;
}

/** Undefined as well when the database is away. */
async function lookForEnd(
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
