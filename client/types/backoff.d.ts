/** How long to wait before the same is tried again. */
/**
 * Twice as long each time up to ten seconds, and never for everybody at once.
 *
 * @param {number} failures in a row, from 1
 * @param {number} [retryAfterMs] what the service asks for, at least
 * @returns {number} milliseconds
 */
export declare function backoffMs(failures: number, retryAfterMs?: number): number;
/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when the time is over, the signal is given, or the browser is online again
 */
export declare function pause(ms: number, signal: AbortSignal): Promise<void>;
