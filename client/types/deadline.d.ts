import { IntakeError } from './errors.js';
import { Limit } from './limit.js';
/** Whether there is time, and hope, for another attempt. */
/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
export declare function deadline(ms: number, signal: AbortSignal | undefined): Limit;
/**
 * @param {unknown} error of an attempt
 * @param {Limit} limit
 * @returns {IntakeError} the error, if another attempt may be made
 * @throws the error if not, or the reason why time is over
 */
export declare function passing(error: unknown, { signal }: Limit): IntakeError;
/**
 * Waits before the next attempt; not when the time would be over by then.
 *
 * @param {number} ms
 * @param {Limit} limit
 * @param {IntakeError} failure
 * @param {import('./index.js').CallOptions['onRetry']} onRetry
 */
export declare function rest(ms: number, limit: Limit, failure: IntakeError, onRetry: import('./index.js').CallOptions['onRetry']): Promise<void>;
