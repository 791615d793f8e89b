import { readProblem } from './answers.js';

/**
 * Requests to the API. A failure is an answer too, never an exception: what could
 * not be reached, and what does not speak for the API (a proxy's own page), is
 * "unreachable".
 *
 * @typedef {import('./answers.js').Problem} Problem
 * @typedef {NonNullable<Problem['errors']>[number]} FieldError
 * @typedef {{ kind: 'problem', status: number, problem: Problem, passes: boolean, retryAfterMs: number }} Refusal
 * @typedef {{ kind: 'unreachable' }} Unreachable
 *
 * @typedef {object} RequestOptions
 * @property {string} [token]
 * @property {unknown} [body] sent as JSON, by POST
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/**
 * @template T
 * @typedef {{ kind: 'ok', status: number, body: T }} Ok
 */

/**
 * @template T
 * @typedef {Ok<T> | Refusal | Unreachable} Answer
 */

/** The API answers within a second or two; after this long the connection is dead. */
const TIMEOUT_MS = 10_000;

const UNREACHABLE = Object.freeze({ kind: /** @type {const} */ ('unreachable') });

/**
 * @template T
 * @param {string} path relative to the page
 * @param {import('./shape.js').Reader<T>} read what is answered
 * @param {RequestOptions} [options]
 * @returns {Promise<Answer<T>>}
 */
export async function request(path, read, options = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    return await answerOf(await fetch(path, init({ ...options, signal })), read);
  } catch {
    return UNREACHABLE;
  }
}

/**
 * @param {RequestOptions} options
 * @returns {RequestInit}
 */
export function init({ token, body, headers = {}, signal }) {
  const all = new Headers(headers);
  if (token !== undefined) all.set('authorization', `Bearer ${token}`);
  if (body !== undefined) all.set('content-type', 'application/json');
  return {
    headers: all,
    cache: 'no-store',
    ...(signal === undefined ? {} : { signal }),
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  };
}

/**
 * @template T
 * @param {Response} response
 * @param {import('./shape.js').Reader<T>} read
 * @returns {Promise<Answer<T>>}
 * @throws TypeError when it is not what it should be
 */
export async function answerOf(response, read) {
  const { status, headers } = response;
  if (!/\bjson\b/.test(headers.get('content-type') ?? '')) return UNREACHABLE;
  const body = await response.json();
  if (response.ok) return { kind: 'ok', status, body: read(body) };
  return {
    kind: 'problem',
    status,
    problem: readProblem(body),
    passes: status >= 500 || status === 429 || status === 408,
    retryAfterMs: Number(headers.get('retry-after') ?? 0) * 1000 || 0,
  };
}
