export type Status = import('issue-intake-client/openapi').operations['submissionStatus']['responses'][200]['content']['application/json'];
export type FollowOptions = {
    /**
     * ends it; the promise is rejected with the signal's reason
     */
    signal?: AbortSignal;
    /**
     * for all of it, 600,000 (ten minutes) unless given; Infinity for none
     */
    deadlineMs?: number;
    /**
     * told of each failure that passes
     */
    onRetry?: import('./index.js').CallOptions['onRetry'];
};
/**
 * @param {import('./requests.js').Requests} requests
 * @param {string} path of the submission
 * @param {FollowOptions} options
 * @returns {AsyncGenerator<Status, void>} each status once, the last one being final
 */
export declare function follow(requests: import('./requests.js').Requests, path: string, { signal, deadlineMs, onRetry }: FollowOptions): AsyncGenerator<Status, void>;
/**
 * @param {string} status
 * @returns {boolean} whether no other follows
 */
export declare function isFinal(status: string): boolean;
export type Limit = import('./limit.js').Limit;
export type Following = {
    /**
     * the last status that was told, which is also the id of its event
     */
    seen: string;
    retryMs: number;
    /**
     * in a row
     */
    failures: number;
};
