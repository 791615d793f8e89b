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
 * @typedef {import('./errors.js').FieldError} FieldError
 * @typedef {import('./errors.js').Problem} Problem
 * @typedef {import('./intake.js').CallOptions} CallOptions
 * @typedef {import('./intake.js').ConnectOptions} ConnectOptions
 * @typedef {import('./intake.js').FollowOptions} FollowOptions
 * @typedef {import('./intake.js').Issue} Issue
 * @typedef {import('./intake.js').IssuesPage} IssuesPage
 * @typedef {import('./intake.js').NewIssue} NewIssue
 * @typedef {import('./intake.js').Organization} Organization
 * @typedef {import('./intake.js').OrganizationsPage} OrganizationsPage
 * @typedef {import('./intake.js').Outcome} Outcome
 * @typedef {import('./intake.js').Raised} Raised
 * @typedef {import('./intake.js').RaiseOptions} RaiseOptions
 * @typedef {import('./intake.js').Status} Status
 * @typedef {import('./token.js').Token} Token
 */
