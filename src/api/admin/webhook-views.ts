import { type Static, Type } from 'typebox';

/*
 * Webhook endpoints and what was given up, as rows and as the administrator sees
 * them. A secret is in none of these: it is told once, by whoever made it.
 */

const EndpointFields = {
  id: Type.String(),
  url: Type.String(),
  ordered: Type.Boolean(),
  active: Type.Boolean(),
};
const Text = Type.Union([Type.String(), Type.Null()]);

export const EndpointRow = Type.Object({
  ...EndpointFields,
  organization_id: Type.String(),
  created_at: Type.String(),
  previous_secret_until: Text,
  undelivered: Type.Integer(),
  given_up: Type.Integer(),
  failure: Text,
});

export const EndpointView = Type.Object({
  ...EndpointFields,
  organizationId: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
  /** The secret before this one signs as well until then. */
  previousSecretUntil: Type.Optional(Type.String({ format: 'date-time' })),
  undelivered: Type.Integer(),
  givenUp: Type.Integer(),
  /** Why the last try that failed did so, of what is undelivered or given up. */
  lastFailure: Type.Optional(Type.String()),
});

export function endpointView(row: Static<typeof EndpointRow>): Static<typeof EndpointView> {
  const { id, url, ordered, active, undelivered, previous_secret_until, failure } = row;
  return {
    id,
    organizationId: row.organization_id,
    url,
    ordered,
    active,
    createdAt: iso(row.created_at),
    ...(previous_secret_until === null ? {} : { previousSecretUntil: iso(previous_secret_until) }),
    undelivered,
    givenUp: row.given_up,
    ...(failure === null ? {} : { lastFailure: failure }),
  };
}

export const GivenUpRow = Type.Object({
  id: Type.String(),
  position: Type.String(),
  entry: Type.String(),
  place: Type.Integer(),
  submission_id: Type.String(),
  status: Type.Enum(['applied', 'rejected', 'failed']),
  code: Text,
  user_id: Type.String(),
  decided_at: Type.String(),
  tries: Type.Integer(),
  failure: Text,
  failed_at: Type.String(),
});

export const GivenUpView = Type.Object({
  /** The webhook-id. */
  id: Type.String(),
  submissionId: Type.String(),
  userId: Type.String(),
  status: Type.Enum(['applied', 'rejected', 'failed']),
  code: Type.Optional(Type.String()),
  decidedAt: Type.String({ format: 'date-time' }),
  tries: Type.Integer(),
  failure: Type.Optional(Type.String()),
  givenUpAt: Type.String({ format: 'date-time' }),
});

export function givenUpView(row: Static<typeof GivenUpRow>): Static<typeof GivenUpView> {
  const { id, status, code, tries, failure } = row;
  return {
    id,
    submissionId: row.submission_id,
    userId: row.user_id,
    status,
    ...(code === null ? {} : { code }),
    decidedAt: iso(row.decided_at),
    tries,
    ...(failure === null ? {} : { failure }),
    givenUpAt: iso(row.failed_at),
  };
}

export function iso(timestamp: string): string {
  return new Date(timestamp).toISOString();
}
