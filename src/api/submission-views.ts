import { type Static, Type } from 'typebox';
import type { Refused } from '../submission.ts';
import { IssueView } from './issue-reads.ts';

/*
 * A submission as the API shows it: in the answer to raising it, and at its own address.
 */

export const SubmissionView = Type.Object({
  submissionId: Type.String({ format: 'uuid' }),
  status: Type.Enum(['queued', 'processing', 'completed', 'rejected', 'failed']),
  issue: Type.Optional(IssueView),
  error: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() })),
});
export type SubmissionView = Static<typeof SubmissionView>;

export const Queued = Type.Object({
  submissionId: Type.String({ format: 'uuid' }),
  status: Type.Literal('queued'),
});

export const Completed = Type.Object({
  submissionId: Type.String({ format: 'uuid' }),
  status: Type.Literal('completed'),
  issue: IssueView,
});

export function queued(submissionId: string): Static<typeof Queued> {
  return { submissionId, status: 'queued' };
}

export function completed(issue: IssueView): Static<typeof Completed> {
  return { submissionId: issue.id, status: 'completed', issue };
}

export function refused(submissionId: string, { status, code, detail }: Refused): SubmissionView {
  return { submissionId, status, error: { code, detail } };
}

const SUBMISSIONS_PATH = '/api/client/issues/submissions/';

/** Where a submission's status is read. */
export function submissionPath(submissionId: string): string {
  return SUBMISSIONS_PATH + submissionId;
}
