/** How long to wait before the same is tried again, and trying until it is answered. */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Twice as long each time, and never for everybody at once.
 *
 * @param {number} attempts how many have failed, from 1
 * @param {number} [retryAfterMs] what the server asks for, at least
 * @returns {number} milliseconds
 */
export function backoffMs(attempts, retryAfterMs = 0) {
  const growing = Math.min(FIRST_MS * 2 ** Math.min(attempts - 1, 10), LONGEST_MS);
  return Math.round(Math.max(growing, retryAfterMs) * (1 + Math.random() * 0.2));
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when the time is over, the browser is online again, or the signal is given
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
    addEventListener('online', end, { signal: over.signal });
    signal.addEventListener('abort', end, { signal: over.signal });
    if (signal.aborted) end();
  });
}

/**
 * Asks until there is an answer that would not be another one next time.
 *
 * @template T
 * @param {() => Promise<import('./api-client.js').Answer<T>>} ask
 * @param {AbortSignal} signal
 * @param {() => void} [onTrouble] called after each failure that passes
 * @returns {Promise<import('./api-client.js').Answer<T>>} unreachable only when the signal was given
 */
export async function untilAnswered(ask, signal, onTrouble = () => {}) {
  for (let attempts = 1; ; attempts++) {
    const answer = await ask();
    if (signal.aborted || answer.kind === 'ok') return answer;
    if (answer.kind === 'problem' && !answer.passes) return answer;
    onTrouble();
    await pause(backoffMs(attempts, answer.kind === 'problem' ? answer.retryAfterMs : 0), signal);
  }
}
