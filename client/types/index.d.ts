export { DeadlineError, ForeignAnswerError, IntakeError, NotFoundError, ProblemError, RefusedError, RequestInvalidError, TokenError, TooManyRequestsError, UnavailableError, UnreachableError, } from './errors.js';
export { IssueIntake } from './intake.js';
export type FieldError = import('./errors.js').FieldError;
export type Problem = import('./errors.js').Problem;
export type CallOptions = import('./intake.js').CallOptions;
export type ConnectOptions = import('./intake.js').ConnectOptions;
export type FollowOptions = import('./intake.js').FollowOptions;
export type Issue = import('./intake.js').Issue;
export type IssuesPage = import('./intake.js').IssuesPage;
export type NewIssue = import('./intake.js').NewIssue;
export type Organization = import('./intake.js').Organization;
export type OrganizationsPage = import('./intake.js').OrganizationsPage;
export type Outcome = import('./intake.js').Outcome;
export type Raised = import('./intake.js').Raised;
export type RaiseOptions = import('./intake.js').RaiseOptions;
export type Status = import('./intake.js').Status;
export type Token = import('./token.js').Token;
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
