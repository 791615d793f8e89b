import { backoffMs, pause } from './backoff.js';
import { deadline, passing, rest } from './deadline.js';

/**
 * What becomes of a submission, as it happens: by the service's events, from where
 * the last stream broke off. Where there are none to be had (too many streams, a
 * proxy that holds them up, a silent connection) the submission's address is asked.
 *
 * @typedef {import('issue-intake-client/openapi').operations['submissionStatus']['responses'][200]['content']['application/json']} Status
 *
 * @typedef {object} FollowOptions
 * @property {AbortSignal} [signal] ends it; the promise is rejected with the signal's reason
 * @property {number} [deadlineMs] for all of it, 600,000 (ten minutes) unless given; Infinity for none
 * @property {import('./index.js').CallOptions['onRetry']} [onRetry] told of each failure that passes
 */

const DEADLINE_MS = 600_000;
const RETRY_MS = 1_500;

/**
 * @param {import('./requests.js').Requests} requests
 * @param {string} path of the submission
 * @param {FollowOptions} options
 * @returns {AsyncGenerator<Status, void>} each status once, the last one being final
 */
export async function* follow(requests, path, { signal, deadlineMs = DEADLINE_MS, onRetry }) {
  const limit = deadline(deadlineMs, signal);
  const following = { seen: '', retryMs: RETRY_MS, failures: 0 };
  try {
    for (;;) {
      const failure = yield* streamed(requests, path, following, limit);
      if (failure === undefined) return;
      if (failure !== 'ended') yield* asked(requests, path, following, limit);
      if (isFinal(following.seen)) return;
      if (failure === 'ended') await pause(following.retryMs, limit.signal);
      else await rest(backoffMs(++following.failures, failure.retryAfterMs), limit, failure, onRetry);
    }
  } finally {
    limit.end();
  }
}

/**
 * @param {string} status
 * @returns {boolean} whether no other follows
 */
export function isFinal(status) {
  return status !== '' && status !== 'queued' && status !== 'processing';
}

/**
 * @typedef {import('./limit.js').Limit} Limit
 *
 * @typedef {object} Following
 * @property {string} seen the last status that was told, which is also the id of its event
 * @property {number} retryMs
 * @property {number} failures in a row
 */

/**
 * One stream, to its end. Returns nothing when all is told, else why there is more.
 *
 * @param {import('./requests.js').Requests} requests
 * @param {string} path
 * @param {Following} following
 * @param {Limit} limit
 * @returns {AsyncGenerator<Status, undefined | 'ended' | import('./errors.js').IntakeError>}
 */
async function* streamed(requests, path, following, limit) {
  try {
    for await (const event of requests.stream(`${path}/events`, following.seen, limit)) {
      if (event === 'nothing more') return undefined;
      following.failures = 0;
      following.retryMs = event.retryMs ?? following.retryMs;
      if (event.data !== undefined) yield* told(JSON.parse(event.data), following);
      if (isFinal(following.seen)) return undefined;
    }
    return 'ended';
  } catch (error) {
    return passing(error, limit);
  }
}

/**
 * @param {import('./requests.js').Requests} requests
 * @param {string} path
 * @param {Following} following
 * @param {Limit} limit
 * @returns {AsyncGenerator<Status, void>}
 */
async function* asked(requests, path, following, limit) {
  try {
    const once = { signal: limit.signal, deadlineMs: Number.POSITIVE_INFINITY, attempts: 1 };
    const { body } = await requests.send(path, {}, once);
    yield* told(body, following);
  } catch (error) {
    passing(error, limit);
  }
}

/**
 * @param {Status} status
 * @param {Following} following
 * @returns {Generator<Status, void>} nothing when it is known
 */
function* told(status, following) {
  if (status.status === following.seen) return;
  following.seen = status.status;
  yield status;
}
