import { readView } from './answers.js';
import { answerOf, init } from './api-client.js';
import { backoffMs, pause } from './backoff.js';
import { readEvents } from './event-stream.js';
import { later } from './outbox.js';

/**
 * Follows one submission, by the server's events.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 * @typedef {import('./outbox.js').Options} Options
 *
 * @typedef {import('./answers.js').View} View
 */

/** Without a byte for this long, heartbeats included, the connection is dead. */
const SILENCE_MS = 40_000;

const RETRY_MS = 1_500;

/** Comes again with what it has seen, until there is nothing more to see. */
export class Follower {
  #key;
  #address;
  #signal;
  #options;
  #seen = '';
  #retryMs = RETRY_MS;
  #failures = 0;

  /**
   * @param {string} key
   * @param {string} submissionId
   * @param {AbortSignal} signal
   * @param {Options} options
   */
  constructor(key, submissionId, signal, options) {
    this.#key = key;
    this.#address = `api/client/issues/submissions/${submissionId}/events`;
    this.#signal = signal;
    this.#options = options;
  }

  async run() {
    while (!this.#signal.aborted) {
      const wait = await this.#read().catch(() => backoffMs(++this.#failures));
      if (wait === undefined) return;
      await pause(wait, this.#signal);
    }
  }

  /** @returns {Promise<number | undefined>} the milliseconds until the next time, if there is to be one */
  async #read() {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#signal, silence.signal]);
    const { token } = this.#options.session;
    /** @type {Record<string, string>} */
    const headers = this.#seen === '' ? {} : { 'last-event-id': this.#seen };
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch(this.#address, init({ token, headers, signal }));
      if (response.status === 204) return undefined;
      if (!response.ok || response.body === null) return this.#refused(await answerOf(response, readView));
      let isOver = false;
      for await (const { id, data, retryMs } of readEvents(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        this.#failures = 0;
        this.#seen = id ?? this.#seen;
        this.#retryMs = retryMs ?? this.#retryMs;
        if (data !== undefined) isOver = !this.#show(readView(JSON.parse(data)));
      }
      return isOver ? undefined : this.#retryMs;
    } finally {
      clearTimeout(timer);
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
   * @param {import('./api-client.js').Answer<unknown>} answer
   * @returns {number | undefined}
   */
  #refused(answer) {
    const { store, onSignedOut } = this.#options;
    const entry = store.get(this.#key);
    if (answer.kind !== 'problem' || answer.passes) {
      return backoffMs(++this.#failures, answer.kind === 'problem' ? answer.retryAfterMs : 0);
    }
    if (answer.status === 401) onSignedOut(answer.problem.code);
    // It was accepted, and has got lost with its queue: sent again with its key, it cannot become two.
    else if (entry !== undefined && isUnderWay(entry)) store.put(later(entry, answer.problem.code));
    return undefined;
  }
}

/**
 * @param {Entry} entry
 * @returns {boolean}
 */
export function isUnderWay({ status }) {
  return status === 'queued' || status === 'processing';
}
