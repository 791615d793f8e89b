export type StreamedEvent = {
    /**
     * that of the last event that had one
     */
    id: string;
    data: string | undefined;
    retryMs: number | undefined;
};
/**
 * Server-sent events (WHATWG HTML, 9.2) read from a fetch, because EventSource
 * cannot send a token.
 *
 * @typedef {object} StreamedEvent
 * @property {string} id that of the last event that had one
 * @property {string | undefined} data
 * @property {number | undefined} retryMs
 */
/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} onSign called for each sign of life, heartbeats included
 * @returns {AsyncGenerator<StreamedEvent>} events, and what is said of the retry time without one
 */
export declare function readEvents(body: ReadableStream<Uint8Array>, onSign: () => void): AsyncGenerator<StreamedEvent>;
