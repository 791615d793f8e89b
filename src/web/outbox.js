import { readRaised } from './answers.js';
import { request } from './api-client.js';
import { backoffMs } from './backoff.js';

/**
 * Sends what waits to be sent: one after another, in the order in which it was
 * written, each with its own Idempotency-Key for as long as it takes. So neither a
 * lost answer, nor a reload, nor a second tab that sends the same makes two issues.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 * @typedef {import('./entry-store.js').EntryStore} EntryStore
 * @typedef {import('./session.js').Session} Session
 *
 * @typedef {object} Options
 * @property {EntryStore} store
 * @property {Session} session
 * @property {AbortSignal} signal ends it
 * @property {(code: string) => void} onSignedOut the server does not accept the token
 */

/** Longer than a request takes: meanwhile no other tab need send the same. */
const SENDING_MS = 12_000;

export class Outbox {
  #store;
  #session;
  #signal;
  #onSignedOut;
  #isSending = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Options} options */
  constructor({ store, session, signal, onSignedOut }) {
    this.#store = store;
    this.#session = session;
    this.#signal = signal;
    this.#onSignedOut = onSignedOut;
    store.addEventListener('change', () => this.#arm(), { signal });
    addEventListener('online', () => this.sendNow(), { signal });
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
    this.sendNow();
  }

  /** Does not wait for the next try. */
  sendNow() {
    const head = this.#head();
    if (head && !this.#isSending) this.#store.put({ ...head, nextTryAt: Date.now() });
    this.#send();
  }

  /** @returns {Entry | undefined} the one whose turn it is */
  #head() {
    return this.#store.all().find(({ status }) => status === 'waiting');
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let head = this.#head(); head && head.nextTryAt <= Date.now(); head = this.#head()) {
      if (this.#signal.aborted) break;
      await this.#sendOne(head.key);
    }
    this.#isSending = false;
    this.#arm();
  }

  /** Comes again when the head may be tried. */
  #arm() {
    clearTimeout(this.#timer);
    const head = this.#head();
    if (this.#isSending || this.#signal.aborted || head === undefined) return;
    this.#timer = setTimeout(() => this.#send(), Math.max(0, head.nextTryAt - Date.now()));
  }

  /** @param {string} key */
  async #sendOne(key) {
    const entry = this.#store.get(key);
    // Another tab sends it, or has sent it.
    if (entry?.status !== 'waiting' || entry.nextTryAt > Date.now()) return;
    this.#store.put({ ...entry, nextTryAt: Date.now() + SENDING_MS });
    const { body } = entry;
    const headers = { 'idempotency-key': key };
    const answer = await request('api/client/issues/raise', readRaised, { ...this.#session, body, headers });
    const present = this.#store.get(key);
    // Another tab was quicker.
    if (present?.status !== 'waiting') return;
    if (answer.kind === 'problem' && answer.status === 401) {
      this.#store.put({ ...present, nextTryAt: Date.now() + SENDING_MS });
      this.#onSignedOut(answer.problem.code);
    } else this.#store.put(after(present, answer));
  }
}

/**
 * What an entry is after it was sent.
 *
 * @param {Entry} entry
 * @param {import('./api-client.js').Answer<ReturnType<typeof readRaised>>} answer
 * @returns {Entry}
 */
function after({ trouble: _, ...entry }, answer) {
  if (answer.kind === 'ok') {
    return { ...entry, status: 'queued', attempts: 0, submissionId: answer.body.submissionId };
  }
  if (answer.kind === 'problem' && !answer.passes)
    return { ...entry, status: 'rejected', error: answer.problem };

  const [trouble, retryAfterMs] =
    answer.kind === 'problem' ? [answer.problem.code, answer.retryAfterMs] : ['unreachable', 0];
  return later(entry, trouble, retryAfterMs);
}

/**
 * @param {Entry} entry
 * @param {string} trouble
 * @param {number} [retryAfterMs]
 * @returns {Entry} to be sent again
 */
export function later(entry, trouble, retryAfterMs) {
  const attempts = entry.attempts + 1;
  const nextTryAt = Date.now() + backoffMs(attempts, retryAfterMs);
  return { ...entry, status: 'waiting', attempts, nextTryAt, trouble };
}
