/**
 * The access token: a text, or a function that gets one. The function is asked once
 * for all requests, and again when the service does not accept what it gave.
 *
 * @typedef {string | (() => string | Promise<string>)} Token
 */
export class TokenSource {
  #given;
  /** @type {Promise<string> | undefined} */
  #current;

  /** @param {Token | undefined} given */
  constructor(given) {
    this.#given = given;
  }

  /** @returns {Promise<string | undefined>} undefined where none was given */
  async get() {
    const given = this.#given;
    if (typeof given !== 'function') return given;
    const asked = this.#current ?? Promise.resolve().then(given);
    this.#current = asked;
    try {
      return await asked;
    } catch (error) {
      this.#forget(asked);
      throw error;
    }
  }

  /**
   * @param {string | undefined} refused
   * @returns {Promise<boolean>} whether there may be another one now
   */
  async renew(refused) {
    if (typeof this.#given !== 'function') return false;
    const asked = this.#current;
    // Another request may have been told the same, and have asked already.
    if (asked !== undefined && (await asked.catch(() => refused)) === refused) this.#forget(asked);
    return true;
  }

  /** @param {Promise<string>} asked */
  #forget(asked) {
    if (this.#current === asked) this.#current = undefined;
  }
}
