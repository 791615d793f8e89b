/**
 * Requests to the API. A failure is an answer too, never an exception: what could
 * not be reached, and what does not speak for the API (a proxy's own page), is
 * "unreachable".
 *
 * @typedef {{ pointer: string, detail: string }} FieldError
 * @typedef {{ code: string, detail: string, errors?: FieldError[] }} Problem
 * @typedef {{ kind: 'ok', status: number, body: any }} Ok
 * @typedef {{ kind: 'problem', status: number, problem: Problem, passes: boolean, retryAfterMs: number }} Refusal
 * @typedef {{ kind: 'unreachable' }} Unreachable
 * @typedef {Ok | Refusal | Unreachable} Answer
 *
 * @typedef {object} RequestOptions
 * @property {string} [token]
 * @property {unknown} [body] sent as JSON, by POST
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/** The API answers within a second or two; after this long the connection is dead. */
const TIMEOUT_MS = 10_000;

const UNREACHABLE = Object.freeze({ kind: /** @type {const} */ ('unreachable') });

/**
 * @param {string} path relative to the page
 * @param {RequestOptions} [options]
 * @returns {Promise<Answer>}
 */
export async function request(path, options = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    return await answerOf(await fetch(path, init({ ...options, signal })));
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
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
export async function answerOf(response) {
  const { status, headers } = response;
  if (!/\bjson\b/.test(headers.get('content-type') ?? '')) return UNREACHABLE;
  const body = await response.json();
  if (response.ok) return { kind: 'ok', status, body };
  return {
    kind: 'problem',
    status,
    problem: body,
    passes: status >= 500 || status === 429 || status === 408,
    retryAfterMs: Number(headers.get('retry-after') ?? 0) * 1000 || 0,
  };
}
