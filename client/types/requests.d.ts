import { IntakeError } from './errors.js';
import { Limit } from './limit.js';
export type ConnectOptions = {
    /**
     * where the service is, such as `https://issues.example.org/`
     */
    url: string | URL;
    /**
     * the access token, or a function that gets one: it is asked
     * before the first request, and again whenever the service does not accept what it gave
     */
    token?: import('./token.js').Token;
    /**
     * for one answer, 10,000 unless given
     */
    attemptTimeoutMs?: number;
    /**
     * an event stream without a sign of life for this long is given up; 40,000
     * unless given, which is more than two heartbeats of the service
     */
    silenceMs?: number;
    /**
     * instead of the global one
     */
    fetch?: typeof fetch;
};
export type CallOptions = {
    /**
     * ends it; the promise is rejected with the signal's reason
     */
    signal?: AbortSignal;
    /**
     * for all attempts together, 60,000 unless given; Infinity for none
     */
    deadlineMs?: number;
    /**
     * most of them, within the deadline
     */
    attempts?: number;
    /**
     * told of each failure that passes, and
     * how long it is until the next attempt
     */
    onRetry?: (error: IntakeError, waitMs: number) => void;
};
export type Sent = {
    headers?: Record<string, string>;
    /**
     * the body, by POST
     */
    json?: string;
};
export type Answer = {
    body: any;
    headers: Headers;
};
export declare class Requests {
    #private;
    /** @param {ConnectOptions} options */
    constructor(options: ConnectOptions);
    /**
     * @param {string} path relative to the service's address
     * @param {Sent} sent
     * @param {CallOptions} options
     * @returns {Promise<Answer>}
     */
    send(path: string, sent: Sent, { signal, deadlineMs, attempts, onRetry }: CallOptions): Promise<Answer>;
    /**
     * One event stream, to its end.
     *
     * @param {string} path
     * @param {string} seen the id of the last event that was seen, or ''
     * @param {Limit} limit
     * @returns {AsyncGenerator<import('./event-stream.js').StreamedEvent | 'nothing more'>}
     */
    stream(path: string, seen: string, limit: Limit): AsyncGenerator<import('./event-stream.js').StreamedEvent | 'nothing more'>;
}
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
 * @param {CallOptions['onRetry']} onRetry
 */
export declare function rest(ms: number, limit: Limit, failure: IntakeError, onRetry: CallOptions['onRetry']): Promise<void>;
