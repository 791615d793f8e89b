import { TokenError } from '../client/index.js';
import { readOrganization } from './answers.js';

/**
 * The organizations that take issues. Dispatches `change` when they are known.
 *
 * @typedef {ReturnType<typeof readOrganization>} Organization
 * @typedef {Pick<import('./my-issues.js').Options, 'intake' | 'signal' | 'onSignedOut'>} Options
 */

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
    const { intake, signal, onSignedOut } = this.#options;
    try {
      for await (const each of intake.organizations({ signal, deadlineMs: Number.POSITIVE_INFINITY })) {
        this.#all.push(readOrganization(each));
      }
    } catch (error) {
      if (error instanceof TokenError && !signal.aborted) onSignedOut(error.code);
      return;
    }
    this.#isLoaded = true;
    this.dispatchEvent(new Event('change'));
  }
}
