import type { Submission } from '../../src/submission.ts';

/** A submission as plain JSON, for queues that keep one object per job. */
export interface Payload extends Omit<Submission, 'acceptedAt'> {
  readonly acceptedAt: string;
}

export function toPayload(submission: Submission): Payload {
  return { ...submission, acceptedAt: submission.acceptedAt.toISOString() };
}

export function fromPayload(payload: Payload): Submission {
  return { ...payload, acceptedAt: new Date(payload.acceptedAt) };
}
