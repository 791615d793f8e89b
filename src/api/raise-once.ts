import { randomUUID } from 'node:crypto';
import { QueueUnavailableError } from '../errors.ts';
import type { Refused, Submission } from '../submission.ts';
import { BacklogFullError } from './admission.ts';
import type { IssueView } from './issue-reads.ts';
import { endOf, lookForEnd, NEW, type Raised, type RaiseOptions, type RaiseTimes } from './raise.ts';
import { sameContent } from './raise-request.ts';
import { IdempotencyKeyReusedError } from './request-errors.ts';
import type { RecordedRefusal, SubmissionEnd } from './submission-end.ts';

/*
 * Raising with an Idempotency-Key. The submission's id is made of user and key,
 * so the lane takes it once. It remains to see whether what is there is what was
 * sent now: in the database when it ended long ago, else on the lane. A submission
 * that was refused is not put on its lane again: that is the operator's to do. Of
 * several requests with one key, at most one is told that it is new, however close
 * together they come: the one whose nonce the job holds.
 */

/**
 * @throws QueueUnavailableError
 * @throws BacklogFullError
 * @throws IdempotencyKeyReusedError
 */
export async function raiseOnce(
  options: RaiseOptions,
  submission: Submission,
  { waitMs, left }: RaiseTimes,
): Promise<Raised> {
  // This request has not been accepted yet: what is there, another has raised.
  const before = await lookForEnd(options.orm, submission);
  if (before !== undefined && 'code' in before)
    return replayRefused(options, before, submission, { waitMs, left });
  if (before !== undefined) return replayOf(before, submission);

  await admitUnlessKnown(options, submission, left);
  const nonce = randomUUID();
  await options.intake.accept({ ...submission, nonce }, left());
  options.admission?.accepted(submission.userId);
  const known = await options.intake.find(submission.userId, submission.id, left());
  if (known === undefined) {
    // Ended and gone from the lane in between: by now the end is there, unless the database is away.
    const end = await lookForEnd(options.orm, submission);
    return end === undefined ? NEW : { ...replayOf(end, submission), replayed: !isOf(end, submission) };
  }
  if (!sameContent(known.submission, submission)) throw new IdempotencyKeyReusedError();
  const replayed = known.submission.nonce !== nonce;
  if (waitMs === 0) return { replayed };
  return { replayed, end: await endOfAccepted(options, submission, waitMs) };
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
  { waitMs, left }: RaiseTimes,
): Promise<Raised> {
  const replay = replayOf(before, submission);
  const known = await options.intake.find(submission.userId, submission.id, left());
  if (known === undefined) {
    // It may have become an issue, and its job been removed, since the refusal was read.
    const end = await lookForEnd(options.orm, submission);
    return end === undefined ? replay : replayOf(end, submission);
  }
  return waitMs === 0
    ? { replayed: true }
    : { replayed: true, end: await endOfAccepted(options, submission, waitMs, before) };
}

/** Undefined as well when the queue has gone away since: it is accepted, and is no more to be refused. */
async function endOfAccepted(
  options: RaiseOptions,
  submission: Submission,
  waitMs: number,
  before?: RecordedRefusal,
): Promise<IssueView | Refused | undefined> {
  try {
    return await endOf(options, submission, { waitMs }, before);
  } catch (error) {
    if (error instanceof QueueUnavailableError) return undefined;
    throw error;
  }
}

/** A full lane takes nothing new. What it has taken before is answered as accepted. */
async function admitUnlessKnown(
  { intake, admission }: RaiseOptions,
  { userId, id }: Submission,
  left: () => number,
): Promise<void> {
  try {
    admission?.admit(userId);
  } catch (error) {
    if (!(error instanceof BacklogFullError)) throw error;
    if ((await intake.find(userId, id, left())) === undefined) throw error;
  }
}

function isOf(end: SubmissionEnd, { acceptedAt }: Submission): boolean {
  return end.acceptedAt === acceptedAt.toISOString();
}
