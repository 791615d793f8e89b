import { readOrganizations } from './answers.js';
import { request } from './api-client.js';
import { untilAnswered } from './backoff.js';

/**
 * The organizations that take issues. Dispatches `change` when they are known.
 *
 * @typedef {{ id: string, name: string }} Organization
 * @typedef {Pick<import('./my-issues.js').Options, 'session' | 'signal' | 'onSignedOut'>} Options
 */

const PATH = 'api/client/organizations';

export class Organizations extends EventTarget {
  #options;
  /** @type {Organization[]} */
  #all = [];
  #isLoaded = false;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = options;
    this.#load();
  }

  /** By name. @returns {readonly Organization[]} */
  get all() {
    return this.#all;
  }

  get isLoaded() {
    return this.#isLoaded;
  }

  /**
   * @param {string} id
   * @returns {string}
   */
  nameOf(id) {
    const known = this.#all.find(each => each.id === id);
    return known?.name ?? (this.#isLoaded ? 'An organization that takes no issues now' : '…');
  }

  async #load() {
    const { session, signal, onSignedOut } = this.#options;
    /** @type {string | undefined} */
    let cursor;
    do {
      const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const answer = await untilAnswered(
        () => request(PATH + query, readOrganizations, { ...session, signal }),
        signal,
      );
      if (signal.aborted) return;
      if (answer.kind === 'problem' && answer.status === 401) onSignedOut(answer.problem.code);
      if (answer.kind !== 'ok') return;
      this.#all.push(...answer.body.organizations);
      cursor = answer.body.nextCursor;
    } while (cursor !== undefined);
    this.#isLoaded = true;
    this.dispatchEvent(new Event('change'));
  }
}
