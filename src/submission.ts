import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/*
 * The words that API and workers share. A submission is what a user sent; an
 * outcome is what became of it. Between the two it is a job on a lane.
 */

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;

export const RejectionCode = Type.Union([
  Type.Literal('organization_not_found'),
  Type.Literal('organization_inactive'),
  Type.Literal('profile_suspended'),
]);
export type RejectionCode = Static<typeof RejectionCode>;

/**
 * The job's data: plain JSON, and only what the job does not say already. The
 * submission's id is the job's id, its time of acceptance the job's timestamp.
 */
export const SubmissionData = Type.Object({
  userId: Type.String({ minLength: 1, maxLength: 128 }),
  email: Type.Optional(Type.String()),
  organizationId: Type.String(),
  title: Type.String(),
  description: Type.Optional(Type.String()),
  priority: Type.Optional(Type.Enum(PRIORITIES)),
  category: Type.Optional(Type.String()),
  /** The HTTP request that brought it, to follow it through the logs. */
  requestId: Type.Optional(Type.String()),
  /** Of the request that made the job, to tell it from those that repeat its Idempotency-Key. */
  nonce: Type.Optional(Type.String()),
});
export type SubmissionData = Static<typeof SubmissionData>;

const submissionDataParser = Compile(SubmissionData);

export interface Submission extends SubmissionData {
  readonly id: string;
  readonly acceptedAt: Date;
  /** How often its job has been finished before: it rises when a failed job is tried again, not when a lane changes hands. */
  readonly attempt: number;
  /** Of a traced request: the trace that it belongs to, as BullMQ keeps it with the job. */
  readonly traceCarrier?: string;
}

/** What the job holds of a submission, and a refusal keeps. */
export function dataOf(submission: Submission): SubmissionData {
  const { id: _id, acceptedAt: _at, attempt: _attempt, traceCarrier: _carrier, ...data } = submission;
  return data;
}

/** What a job returns. `again` marks one whose issue was there before this attempt. */
export const Applied = Type.Object({
  status: Type.Literal('applied'),
  issueId: Type.String(),
  number: Type.Integer(),
  again: Type.Optional(Type.Literal(true)),
});
export type Applied = Static<typeof Applied>;

/** A submission that ended without an issue, and why. */
export interface Refused {
  /** Rejected by a rule of the domain, or failed because it could not be applied. */
  readonly status: 'rejected' | 'failed';
  /** A {@link RejectionCode}, or the code of a failure. */
  readonly code: string;
  /** For people. Never text of the database's. */
  readonly detail: string;
  /** Marks one that was refused before this attempt. */
  readonly again?: true;
}

/** What became of a submission. */
export type Outcome = Applied | Refused;

/** A refusal as the one line that a failed job keeps, and back. */
export function refusalLine({ code, detail }: Refused): string {
  return `${code}: ${detail}`;
}

export function parseRefusalLine(line: string): Refused {
  const { code, detail } = /^(?<code>[a-z_]+): (?<detail>.*)$/s.exec(line)?.groups ?? {};
  // Not a line of ours: BullMQ failed the job by itself, and its words are no client's business.
  if (code === undefined || detail === undefined) return INTERNAL_FAILURE;
  return { status: isRejectionCode(code) ? 'rejected' : 'failed', code, detail };
}

/** A failure that is the program's fault. The log has the whole story. */
export const INTERNAL_FAILURE: Refused = {
  status: 'failed',
  code: 'internal_error',
  detail: 'the submission could not be applied; it is kept, and can be applied again by the operator',
};

/** What the database refuses to store. */
export const UNSTORABLE: Refused = {
  status: 'failed',
  code: 'unstorable',
  detail: 'the database refuses what was sent',
};

export const REJECTION_CODES: readonly string[] = RejectionCode.anyOf.map(literal => literal.const);
export const FAILURE_CODES: readonly string[] = [INTERNAL_FAILURE.code, UNSTORABLE.code];

const rejectionCodes: ReadonlySet<string> = new Set(REJECTION_CODES);

function isRejectionCode(code: string): boolean {
  return rejectionCodes.has(code);
}

/** The part of a queue's job that makes a submission. */
export interface SubmissionJob {
  readonly id?: string | undefined;
  readonly timestamp: number;
  /** BullMQ raises it whenever the job is finished, and only then. */
  readonly attemptsMade: number;
  readonly data: unknown;
  readonly opts?: { readonly telemetry?: { readonly metadata?: string } };
}

/**
 * Reads a submission off a job.
 *
 * @throws TypeError when the job's data is not a submission, as after somebody added one by hand
 */
export function submissionOf(job: SubmissionJob): Submission {
  if (job.id === undefined || !submissionDataParser.Check(job.data)) {
    throw new TypeError(`job "${job.id}" does not hold a submission`);
  }
  const { id, data, timestamp, attemptsMade: attempt } = job;
  const submission = { ...data, id, acceptedAt: new Date(timestamp), attempt };
  const traceCarrier = job.opts?.telemetry?.metadata;
  return traceCarrier === undefined ? submission : { ...submission, traceCarrier };
}
