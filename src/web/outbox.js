import { backoffMs } from '../client/backoff.js';
import { IntakeError, ProblemError, TokenError } from '../client/index.js';
import { ONCE } from './service.js';

/**
 * Sends what waits to be sent: one after another, in the order in which it was
 * written, each with its own Idempotency-Key for as long as it takes. So neither a
 * lost answer, nor a reload, nor a second tab that sends the same makes two issues.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 * @typedef {import('./entry-store.js').EntryStore} EntryStore
 *
 * @typedef {object} Options
 * @property {import('../client/index.js').IssueIntake} intake
 * @property {EntryStore} store
 * @property {AbortSignal} signal ends it
 * @property {(code: string) => void} onSignedOut the server does not accept the token
 */

/** Longer than a request takes: meanwhile no other tab need send the same. */
const SENDING_MS = 12_000;

export class Outbox {
  #intake;
  #store;
  #signal;
  #onSignedOut;
  #isSending = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Options} options */
  constructor({ intake, store, signal, onSignedOut }) {
    this.#intake = intake;
    this.#store = store;
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
    const raising = this.#intake.raise(entry.body, { ...ONCE, idempotencyKey: key });
    const answer = await raising.catch(asError);
    const present = this.#store.get(key);
    // Another tab was quicker.
    if (present?.status !== 'waiting') return;
    if (answer instanceof TokenError) {
      this.#store.put({ ...present, nextTryAt: Date.now() + SENDING_MS });
      this.#onSignedOut(answer.code);
    } else this.#store.put(after(present, answer));
  }
}

/**
 * What an entry is after it was sent.
 *
 * @param {Entry} entry
 * @param {import('../client/index.js').Raised | Error} answer
 * @returns {Entry}
 */
function after({ trouble: _, ...entry }, answer) {
  if (!(answer instanceof Error)) {
    return { ...entry, status: 'queued', attempts: 0, submissionId: answer.submissionId };
  }
  if (answer instanceof ProblemError && !answer.passes)
    return { ...entry, status: 'rejected', error: answer.problem };

  const [trouble, retryAfterMs] =
    answer instanceof IntakeError ? [answer.code, answer.retryAfterMs] : ['unreachable', 0];
  return later(entry, trouble, retryAfterMs);
}

/**
 * @param {unknown} thrown
 * @returns {Error}
 */
function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
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
