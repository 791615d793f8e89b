/**
 * What can go wrong, a class for each family of causes. The `code` is the API's own
 * where the API has spoken, and never changes; messages may.
 *
 * @typedef {object} FieldError one wrong field
 * @property {string} pointer JSON pointer into the issue, such as `/title`
 * @property {string} detail
 *
 * @typedef {import('issue-intake-client/openapi').operations['raiseIssue']['responses'][400]['content']['application/problem+json']} Problem
 *
 * @typedef {object} Answered
 * @property {number} status
 * @property {number} [retryAfterMs]
 * @property {string | undefined} [requestId]
 */

/** Everything that this library throws, but for the reason of a signal that you gave, and your token function's errors. */
export class IntakeError extends Error {
  /** Stable, for programs. @type {string} */
  code;
  /** Whether the same request may succeed later, with the same Idempotency-Key. */
  passes = false;
  /** How long the service asks to wait before that, in milliseconds. */
  retryAfterMs = 0;

  /**
   * @param {string} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }

  /** @override @returns {string} */
  get name() {
    return this.constructor.name;
  }
}

/** The API has refused: its problem document (RFC 9457), and what came with it. */
export class ProblemError extends IntakeError {
  /** @type {Problem} */
  problem;
  /** @type {number} */
  status;
  /** What the service's log calls the request. @type {string | undefined} */
  requestId;

  /**
   * @param {Problem} problem
   * @param {Answered} answered
   */
  constructor(problem, { status, retryAfterMs = 0, requestId }) {
    super(problem.code, problem.detail);
    this.problem = problem;
    this.status = status;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 400, 413 and the like: the request must be changed. `errors` names the wrong fields. */
export class RequestInvalidError extends ProblemError {
  /** @returns {readonly FieldError[]} */
  get errors() {
    return this.problem.errors ?? [];
  }
}

/** 401 (`token_expired` and other `token_…`): the service does not accept the access token. */
export class TokenError extends ProblemError {}

/** 404, such as `submission_not_found`: it does not exist, or it is somebody else's. */
export class NotFoundError extends ProblemError {}

/** 422, such as `idempotency_key_reused`: understood and refused. */
export class RefusedError extends ProblemError {}

/** 429: `rate_limited`, `too_many_streams`, `too_many_bad_tokens`. `retryAfterMs` says when to come again. */
export class TooManyRequestsError extends ProblemError {
  /** @override */
  passes = true;
}

/** 503 and other failures of the service: `queue_unavailable`, `database_unavailable`, `backlog_full`. */
export class UnavailableError extends ProblemError {
  /** @override */
  passes = true;
}

/** No answer: the connection failed, or was lost, or stayed silent. Nobody knows whether the request arrived. */
export class UnreachableError extends IntakeError {
  /** @override */
  passes = true;

  /**
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(message, options) {
    super('unreachable', message, options);
  }
}

/** What answered is not the API: a proxy in front of it, or another site. */
export class ForeignAnswerError extends IntakeError {
  /** @type {number} */
  status;

  /** @param {Answered} answered */
  constructor({ status, retryAfterMs = 0 }) {
    super('foreign_answer', `what answered, with status ${status}, is not the API; is the address right?`);
    this.status = status;
    this.passes = status < 400 || status === 408 || status === 429 || status >= 500;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The time you gave is over. `cause` is what stood in the way last. The issue may still have been accepted. */
export class DeadlineError extends IntakeError {
  /**
   * @param {number} ms
   * @param {ErrorOptions} [options]
   */
  constructor(ms, options) {
    super('deadline_exceeded', `not done within ${ms} ms`, options);
  }
}
