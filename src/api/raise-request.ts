import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { PRIORITIES, type Submission } from '../submission.ts';
import type { IssueView } from './issue-reads.ts';

/*
 * The body of a raise request: what it may hold, and the submission it makes.
 */

export const RaiseIssue = Type.Object(
  {
    organizationId: Type.String({ format: 'uuid' }),
    title: Type.String({ minLength: 1, maxLength: 200, description: 'Measured without spaces around it' }),
    description: Type.Optional(Type.String({ maxLength: 10_000, default: '' })),
    priority: Type.Optional(Type.Enum(PRIORITIES, { default: 'normal' })),
    category: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type RaiseIssue = Static<typeof RaiseIssue>;

/** Before the check, so that lengths are those of what is kept. Takes any JSON value. */
export function tidyBody({ body }: FastifyRequest, _reply: unknown, done: () => void): void {
  if (typeof body === 'object' && body !== null) {
    if ('title' in body && typeof body.title === 'string') body.title = body.title.trim();
    if ('category' in body && typeof body.category === 'string') body.category = body.category.trim();
    if ('organizationId' in body && typeof body.organizationId === 'string') {
      body.organizationId = body.organizationId.toLowerCase();
    }
  }
  done();
}

/** What came with the request but not in its body. */
export interface Sender {
  readonly id: string;
  readonly caller: { readonly userId: string; readonly email?: string };
}

/** The submission of a request. Defaults stay out: a job is read and written many times. */
export function submissionFrom(id: string, request: Sender, body: RaiseIssue): Submission {
  return { ...body, ...request.caller, id, requestId: request.id, acceptedAt: new Date(), attempt: 0 };
}

type Content = Pick<Submission | IssueView, keyof RaiseIssue>;

/** Whether both say the same, however their defaults are written. */
export function sameContent(one: Content, other: Content): boolean {
  return (
    one.organizationId === other.organizationId &&
    one.title === other.title &&
    (one.description ?? '') === (other.description ?? '') &&
    (one.priority ?? 'normal') === (other.priority ?? 'normal') &&
    one.category === other.category
  );
}
