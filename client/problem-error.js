import {
  NotFoundError,
  ProblemError,
  RefusedError,
  RequestInvalidError,
  TokenError,
  TooManyRequestsError,
  UnavailableError,
} from './errors.js';

/** @type {ReadonlyMap<number, typeof ProblemError>} */
const BY_STATUS = new Map([
  [401, TokenError],
  [404, NotFoundError],
  [408, UnavailableError],
  [422, RefusedError],
  [429, TooManyRequestsError],
]);

/** Statuses of a request that is wrong in itself; others of 4xx have no family (yet). */
const INVALID = new Set([400, 405, 413, 414, 415, 417, 431]);

/**
 * @param {import('./errors.js').Problem} problem
 * @param {import('./errors.js').Answered} answered
 * @returns {ProblemError} of the class of its family
 */
export function problemError(problem, answered) {
  const { status } = answered;
  const fallback =
    status >= 500 ? UnavailableError : INVALID.has(status) ? RequestInvalidError : ProblemError;
  return new (BY_STATUS.get(status) ?? fallback)(problem, answered);
}
