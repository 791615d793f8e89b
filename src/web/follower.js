import { backoffMs, pause } from '../client/backoff.js';
import { ProblemError, TokenError } from '../client/index.js';
import { readView } from './answers.js';
import { later } from './outbox.js';

/**
 * Follows one submission, by the server's events, for as long as it takes.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 * @typedef {import('./outbox.js').Options} Options
 * @typedef {import('./answers.js').View} View what the server says of a submission
 */
export class Follower {
  #key;
  #submissionId;
  #signal;
  #options;

  /**
   * @param {string} key
   * @param {string} submissionId
   * @param {AbortSignal} signal
   * @param {Options} options
   */
  constructor(key, submissionId, signal, options) {
    this.#key = key;
    this.#submissionId = submissionId;
    this.#signal = signal;
    this.#options = options;
  }

  async run() {
    const { intake } = this.#options;
    const options = { signal: this.#signal, deadlineMs: Number.POSITIVE_INFINITY };
    for (let failures = 1; ; failures++) {
      try {
        for await (const view of intake.follow(this.#submissionId, options)) {
          if (!this.#show(readView(view))) return;
        }
        return;
      } catch (error) {
        if (this.#signal.aborted || this.#refused(error)) return;
        // Nothing that the API would say, as from a network that wants a sign-in of its own.
        await pause(backoffMs(failures), this.#signal);
      }
    }
  }

  /**
   * @param {View} view
   * @returns {boolean} whether another may follow
   */
  #show({ status, issue, error }) {
    const { store } = this.#options;
    const entry = store.get(this.#key);
    if (entry === undefined || !isUnderWay(entry)) return false;
    if (issue !== undefined) store.put({ ...entry, status: 'applied', issue });
    else if (error !== undefined)
      store.put({ ...entry, status: status === 'failed' ? status : 'rejected', error });
    else if (status !== entry.status) {
      store.put({ ...entry, status: status === 'processing' ? 'processing' : 'queued' });
    }
    return status === 'queued' || status === 'processing';
  }

  /**
   * @param {unknown} error
   * @returns {boolean} whether it is over
   */
  #refused(error) {
    const { store, onSignedOut } = this.#options;
    if (!(error instanceof ProblemError)) return false;
    const entry = store.get(this.#key);
    if (error instanceof TokenError) onSignedOut(error.code);
    // It was accepted, and has got lost with its queue: sent again with its key, it cannot become two.
    else if (entry !== undefined && isUnderWay(entry)) store.put(later(entry, error.code));
    return true;
  }
}

/**
 * @param {Entry} entry
 * @returns {boolean}
 */
export function isUnderWay({ status }) {
  return status === 'queued' || status === 'processing';
}
