export {
  DeadlineError,
  ForeignAnswerError,
  IntakeError,
  NotFoundError,
  ProblemError,
  RefusedError,
  RequestInvalidError,
  TokenError,
  TooManyRequestsError,
  UnavailableError,
  UnreachableError,
} from './errors.js';
export { IssueIntake } from './intake.js';

/**
 * The types are those of the API's own description (OpenAPI).
 *
 * @typedef {import('issue-intake-client/openapi').operations} Operations
 * @typedef {Operations['raiseIssue']['requestBody']['content']['application/json']} NewIssue what is raised
 * @typedef {Operations['myIssues']['responses'][200]['content']['application/json']} IssuesPage
 * @typedef {IssuesPage['issues'][number]} Issue
 * @typedef {Operations['organizations']['responses'][200]['content']['application/json']} OrganizationsPage
 * @typedef {OrganizationsPage['organizations'][number]} Organization
 * @typedef {import('./follow.js').Status} Status what is known of a submission
 * @typedef {import('./follow.js').FollowOptions} FollowOptions
 *
 * @typedef {object} ConnectOptions
 * @property {string | URL} url where the service is, such as `https://issues.example.org/`
 * @property {Token} [token] the access token, or a function that gets one: it is asked
 * before the first request, and again whenever the service does not accept what it gave
 * @property {number} [attemptTimeoutMs] for one answer, 10,000 unless given
 * @property {number} [silenceMs] an event stream without a sign of life for this long is given up; 40,000
 * unless given, which is more than two heartbeats of the service
 * @property {typeof fetch} [fetch] instead of the global one
 *
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal] ends it; the promise is rejected with the signal's reason
 * @property {number} [deadlineMs] for all attempts together, 60,000 unless given; Infinity for none
 * @property {number} [attempts] most of them, within the deadline
 * @property {(error: import('./errors.js').IntakeError, waitMs: number) => void} [onRetry] told of each failure that passes, and
 * how long it is until the next attempt
 *
 * @typedef {object} Raised
 * @property {string} submissionId
 * @property {string} idempotencyKey the one that was sent; with it the same issue can be raised again, and stays one
 * @property {boolean} replayed whether an earlier request with this key was accepted already
 *
 * @typedef {{ submissionId: string, status: 'completed', issue: Issue, error?: never }} Completed
 * @typedef {{ submissionId: string, status: 'rejected' | 'failed', issue?: never, error: { code: string, detail: string } }} Refused
 * @typedef {Completed | Refused} Outcome what became of a submission
 *
 * @typedef {CallOptions & { idempotencyKey?: string }} RaiseOptions
 * @typedef {{ cursor?: string | undefined, limit?: number | undefined }} PageOptions a page of up to `limit`, 1 to 100
 *
 * @typedef {import('./errors.js').FieldError} FieldError
 * @typedef {import('./errors.js').Problem} Problem
 * @typedef {import('./token.js').Token} Token
 */
