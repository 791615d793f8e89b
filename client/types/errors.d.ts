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
export type FieldError = {
    /**
     * JSON pointer into the issue, such as `/title`
     */
    pointer: string;
    detail: string;
};
export type Problem = import('issue-intake-client/openapi').operations['raiseIssue']['responses'][400]['content']['application/problem+json'];
export type Answered = {
    status: number;
    retryAfterMs?: number;
    requestId?: string | undefined;
};
/** Everything that this library throws, but for the reason of a signal that you gave, and your token function's errors. */
export declare class IntakeError extends Error {
    /** Stable, for programs. @type {string} */
    code: string;
    /** Whether the same request may succeed later, with the same Idempotency-Key. */
    passes: boolean;
    /** How long the service asks to wait before that, in milliseconds. */
    retryAfterMs: number;
    /**
     * @param {string} code
     * @param {string} message
     * @param {ErrorOptions} [options]
     */
    constructor(code: string, message: string, options?: ErrorOptions);
    /** @override @returns {string} */
    get name(): string;
}
/** The API has refused: its problem document (RFC 9457), and what came with it. */
export declare class ProblemError extends IntakeError {
    /** @type {Problem} */
    problem: Problem;
    /** @type {number} */
    status: number;
    /** What the service's log calls the request. @type {string | undefined} */
    requestId: string | undefined;
    /**
     * @param {Problem} problem
     * @param {Answered} answered
     */
    constructor(problem: Problem, { status, retryAfterMs, requestId }: Answered);
}
/** 400, 413 and the like: the request must be changed. `errors` names the wrong fields. */
export declare class RequestInvalidError extends ProblemError {
    /** @returns {readonly FieldError[]} */
    get errors(): readonly FieldError[];
}
/** 401 (`token_expired` and other `token_…`): the service does not accept the access token. */
export declare class TokenError extends ProblemError {
}
/** 404, such as `submission_not_found`: it does not exist, or it is somebody else's. */
export declare class NotFoundError extends ProblemError {
}
/** 422, such as `idempotency_key_reused`: understood and refused. */
export declare class RefusedError extends ProblemError {
}
/** 429: `rate_limited`, `too_many_streams`, `too_many_bad_tokens`. `retryAfterMs` says when to come again. */
export declare class TooManyRequestsError extends ProblemError {
    /** @override */
    passes: boolean;
}
/** 503 and other failures of the service: `queue_unavailable`, `database_unavailable`, `backlog_full`. */
export declare class UnavailableError extends ProblemError {
    /** @override */
    passes: boolean;
}
/** No answer: the connection failed, or was lost, or stayed silent. Nobody knows whether the request arrived. */
export declare class UnreachableError extends IntakeError {
    /** @override */
    passes: boolean;
    /**
     * @param {string} message
     * @param {ErrorOptions} [options]
     */
    constructor(message: string, options?: ErrorOptions);
}
/** What answered is not the API: a proxy in front of it, or another site. */
export declare class ForeignAnswerError extends IntakeError {
    /** @type {number} */
    status: number;
    /** @param {Answered} answered */
    constructor({ status, retryAfterMs }: Answered);
}
/** The time you gave is over. `cause` is what stood in the way last. The issue may still have been accepted. */
export declare class DeadlineError extends IntakeError {
    /**
     * @param {number} ms
     * @param {ErrorOptions} [options]
     */
    constructor(ms: number, options?: ErrorOptions);
}
