/**
 * A time limit on top of a caller's signal. Its signal is given for whichever comes
 * first, with that one's reason. By timers of its own, that end with it: signals of
 * `AbortSignal.any` and `AbortSignal.timeout` stay with a caller's signal for as long
 * as that one lives.
 */
export declare class Limit {
    #private;
    /** A new error for when the time is over. */
    reason: () => Error;
    /**
     * @param {number} ms Infinity for none
     * @param {AbortSignal | undefined} parent
     * @param {() => Error} reason when the time is over
     */
    constructor(ms: number, parent: AbortSignal | undefined, reason: () => Error);
    get signal(): AbortSignal;
    /** Milliseconds. */
    get left(): number;
    /** Begins anew. @param {number} ms */
    restart(ms: number): void;
    /** To be called in any case: also ends what still goes on under its signal. */
    end(): void;
    /**
     * For what takes no signal.
     *
     * @template T
     * @param {Promise<T>} promise
     * @returns {Promise<T>} rejects with the signal's reason
     */
    race<T>(promise: Promise<T>): Promise<T>;
}
