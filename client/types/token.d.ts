export type Token = string | (() => string | Promise<string>);
/**
 * The access token: a text, or a function that gets one. The function is asked once
 * for all requests, and again when the service does not accept what it gave.
 *
 * @typedef {string | (() => string | Promise<string>)} Token
 */
export declare class TokenSource {
    #private;
    /** @param {Token | undefined} given */
    constructor(given: Token | undefined);
    /** @returns {Promise<string | undefined>} undefined where none was given */
    get(): Promise<string | undefined>;
    /**
     * @param {string | undefined} refused
     * @returns {Promise<boolean>} whether there may be another one now
     */
    renew(refused: string | undefined): Promise<boolean>;
}
