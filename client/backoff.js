/** How long to wait before the same is tried again. */

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** A browser's window tells of its network; Node does not. */
const surroundings = /** @type {Partial<EventTarget>} */ (globalThis);

/**
 * Twice as long each time up to ten seconds, and never for everybody at once.
 *
 * @param {number} failures in a row, from 1
 * @param {number} [retryAfterMs] what the service asks for, at least
 * @returns {number} milliseconds
 */
export function backoffMs(failures, retryAfterMs = 0) {
  const growing = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), LONGEST_MS);
  const some = Math.random() / 2;
  return Math.round(Math.max(growing * (0.5 + some), retryAfterMs * (1 + some / 2)));
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when the time is over, the signal is given, or the browser is online again
 */
export function pause(ms, signal) {
  return new Promise(resolve => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { signal: over.signal });
    surroundings.addEventListener?.('online', end, { signal: over.signal });
    if (signal.aborted) end();
  });
}
