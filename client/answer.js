import { ForeignAnswerError, IntakeError, UnreachableError } from './errors.js';
import { problemError } from './problem-error.js';

/** Answers of the API, told from those of whatever stands in front of it. */

/**
 * @param {Response} response
 * @returns {Promise<any>} the body of a 2xx
 * @throws ProblemError of its family, ForeignAnswerError
 */
export async function bodyOf(response) {
  const body = await json(response);
  if (response.ok && body !== undefined) return body;
  throw errorOf(response, body);
}

/**
 * @param {Response} response
 * @returns {Promise<import('./errors.js').IntakeError>} of one that is not what was asked for
 */
export async function refusalOf(response) {
  return errorOf(response, await json(response));
}

/**
 * @param {Response} response
 * @param {any} body
 */
function errorOf(response, body) {
  const { status, headers } = response;
  const retryAfterMs = retryAfter(headers.get('retry-after'));
  const requestId = headers.get('x-request-id') ?? undefined;
  const isProblem = !response.ok && typeof body?.code === 'string' && typeof body.detail === 'string';
  return isProblem
    ? problemError(body, { status, retryAfterMs, requestId })
    : new ForeignAnswerError({ status, retryAfterMs });
}

/**
 * @param {Response} response
 * @returns {Promise<any>} undefined when it is no JSON
 */
async function json(response) {
  const text = await response.text().catch(lost);
  if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {string | null} header seconds, or a date (RFC 9110, 10.2.3)
 * @returns {number} milliseconds
 */
function retryAfter(header) {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Math.max(ms, 0);
}

/**
 * @param {unknown} error of a connection, or why it was given up
 * @returns {never}
 * @throws IntakeError
 */
export function lost(error) {
  if (error instanceof IntakeError) throw error;
  throw new UnreachableError('the service cannot be reached, or the connection was lost', { cause: error });
}
