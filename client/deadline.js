import { pause } from './backoff.js';
import { DeadlineError, IntakeError } from './errors.js';
import { Limit } from './limit.js';

/** Whether there is time, and hope, for another attempt. */

/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
export function deadline(ms, signal) {
  return new Limit(ms, signal, () => new DeadlineError(ms));
}

/**
 * @param {unknown} error of an attempt
 * @param {Limit} limit
 * @returns {IntakeError} the error, if another attempt may be made
 * @throws the error if not, or the reason why time is over
 */
export function passing(error, { signal }) {
  if (signal.aborted) throw because(signal.reason, error);
  if (error instanceof IntakeError && error.passes) return error;
  throw error;
}

/**
 * Waits before the next attempt; not when the time would be over by then.
 *
 * @param {number} ms
 * @param {Limit} limit
 * @param {IntakeError} failure
 * @param {import('./index.js').CallOptions['onRetry']} onRetry
 */
export async function rest(ms, limit, failure, onRetry) {
  if (ms >= limit.left) throw because(limit.reason(), failure);
  onRetry?.(failure, ms);
  await pause(ms, limit.signal);
  if (limit.signal.aborted) throw because(limit.signal.reason, failure);
}

/**
 * @param {any} reason why time is over
 * @param {unknown} failure
 */
function because(reason, failure) {
  if (reason instanceof DeadlineError && failure !== reason) reason.cause ??= failure;
  return reason;
}
