import { Follower, isUnderWay } from './follower.js';

/**
 * Follows what was accepted until its end, by the server's events. A browser opens
 * six connections to a host, for all tabs together: so there are few streams at
 * once, in the tab that is seen, and the others wait for their turn. They need not
 * wait long: a user's submissions end in the order in which they were accepted.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 * @typedef {import('./outbox.js').Options} Options
 */

const MOST_STREAMS = 2;

export class Submissions {
  #options;
  /** @type {Map<string, AbortController>} */
  #followed = new Map();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    const { store, signal } = options;
    const update = () => this.#update();
    store.addEventListener('change', update, { signal });
    document.addEventListener('visibilitychange', update, { signal });
    signal.addEventListener('abort', update);
    update();
  }

  /** Ends the streams that are not wanted any more, and opens those whose turn it is. */
  #update() {
    const { store, signal } = this.#options;
    const isSeen = !document.hidden && !signal.aborted;
    const wanted = isSeen ? store.all().filter(isUnderWay).slice(0, MOST_STREAMS) : [];
    for (const [key, controller] of this.#followed) {
      // After a last status the server ends the stream by itself.
      const status = store.get(key)?.status ?? 'waiting';
      if (!isSeen || status === 'waiting') controller.abort();
    }
    for (const { key, submissionId } of wanted) {
      if (submissionId !== undefined && !this.#followed.has(key)) this.#follow(key, submissionId);
    }
  }

  /**
   * @param {string} key
   * @param {string} submissionId
   */
  async #follow(key, submissionId) {
    const controller = new AbortController();
    this.#followed.set(key, controller);
    const follower = new Follower(key, submissionId, controller.signal, this.#options);
    await follower.run();
    this.#followed.delete(key);
    this.#update();
  }
}
