import { Limit } from './limit.js';
import type { CallOptions, ConnectOptions } from './index.js';
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
