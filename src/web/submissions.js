import { answerOf, init } from './api-client.js';
import { backoffMs, pause } from './backoff.js';
import { readEvents } from './event-stream.js';
import { later } from './outbox.js';

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

/** Without a byte for this long, heartbeats included, the connection is dead. */
const SILENCE_MS = 40_000;

const RETRY_MS = 1_500;

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

/** Comes again with what it has seen, until there is nothing more to see. */
class Follower {
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
      if (!response.ok || response.body === null) return this.#refused(await answerOf(response));
      let isOver = false;
      for await (const { id, data, retryMs } of readEvents(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        this.#failures = 0;
        this.#seen = id ?? this.#seen;
        this.#retryMs = retryMs ?? this.#retryMs;
        if (data !== undefined) isOver = !this.#show(JSON.parse(data));
      }
      return isOver ? undefined : this.#retryMs;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * @param {{ status: string, issue?: any, error?: any }} view
   * @returns {boolean} whether another may follow
   */
  #show({ status, issue, error }) {
    const { store } = this.#options;
    const entry = store.get(this.#key);
    if (entry === undefined || !isUnderWay(entry)) return false;
    if (status === 'completed') store.put({ ...entry, status: 'applied', issue });
    else if (status === 'rejected' || status === 'failed') store.put({ ...entry, status, error });
    else if (status !== entry.status) {
      store.put({ ...entry, status: status === 'processing' ? 'processing' : 'queued' });
    }
    return status === 'queued' || status === 'processing';
  }

  /**
   * @param {import('./api-client.js').Answer} answer
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
function isUnderWay({ status }) {
  return status === 'queued' || status === 'processing';
}
