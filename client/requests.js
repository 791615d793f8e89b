import { bodyOf, lost, refusalOf } from './answer.js';
import { backoffMs } from './backoff.js';
import { deadline, passing, rest } from './deadline.js';
import { ForeignAnswerError, TokenError, UnreachableError } from './errors.js';
import { readEvents } from './event-stream.js';
import { Limit } from './limit.js';
import { TokenSource } from './token.js';

/**
 * Requests to the API, tried again while there is hope and time.
 *
 * @import { CallOptions, ConnectOptions } from './index.js'
 *
 * @typedef {object} Sent what is sent
 * @property {Record<string, string>} [headers]
 * @property {string} [json] the body, by POST
 *
 * @typedef {{ body: any, headers: Headers }} Answer
 */

const ATTEMPT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 40_000;
const DEADLINE_MS = 60_000;

export class Requests {
  #base;
  #tokens;
  #fetch;
  #attemptTimeoutMs;
  #silenceMs;

  /** @param {ConnectOptions} options */
  constructor(options) {
    const { attemptTimeoutMs = ATTEMPT_TIMEOUT_MS, silenceMs = SILENCE_MS } = options;
    const base = new URL(options.url);
    // What stands behind the last slash would be replaced, not continued.
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    this.#base = base;
    this.#tokens = new TokenSource(options.token);
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#attemptTimeoutMs = attemptTimeoutMs;
    this.#silenceMs = silenceMs;
  }

  /**
   * @param {string} path relative to the service's address
   * @param {Sent} sent
   * @param {CallOptions} options
   * @returns {Promise<Answer>}
   */
  async send(path, sent, { signal, deadlineMs = DEADLINE_MS, attempts = Number.POSITIVE_INFINITY, onRetry }) {
    const limit = deadline(deadlineMs, signal);
    try {
      for (let failures = 1; ; failures++) {
        try {
          return await this.#attempt(path, sent, limit);
        } catch (error) {
          const failure = passing(error, limit);
          if (failures >= attempts) throw failure;
          await rest(backoffMs(failures, failure.retryAfterMs), limit, failure, onRetry);
        }
      }
    } finally {
      limit.end();
    }
  }

  /**
   * One event stream, to its end.
   *
   * @param {string} path
   * @param {string} seen the id of the last event that was seen, or ''
   * @param {Limit} limit
   * @returns {AsyncGenerator<import('./event-stream.js').StreamedEvent | 'nothing more'>}
   */
  async *stream(path, seen, limit) {
    const silence = new Limit(this.#attemptTimeoutMs, limit.signal, noAnswer);
    /** @type {Record<string, string>} */
    const headers = seen === '' ? {} : { 'last-event-id': seen };
    try {
      const response = await this.#authorized(path, { headers }, silence);
      silence.restart(this.#silenceMs);
      if (response.status === 204) yield 'nothing more';
      else yield* readEvents(eventsOf(response), () => silence.restart(this.#silenceMs));
    } finally {
      silence.end();
    }
  }

  /**
   * @param {string} path
   * @param {Sent} sent
   * @param {Limit} limit
   * @returns {Promise<Answer>}
   */
  async #attempt(path, sent, limit) {
    const attempt = new Limit(this.#attemptTimeoutMs, limit.signal, noAnswer);
    try {
      const response = await this.#authorized(path, sent, attempt);
      return { body: await bodyOf(response), headers: response.headers };
    } finally {
      attempt.end();
    }
  }

  /**
   * With a new token, if the service does not accept the one that we have.
   *
   * @param {string} path
   * @param {Sent} sent
   * @param {Limit} limit
   * @returns {Promise<Response>} 2xx
   */
  async #authorized(path, sent, limit) {
    for (let isFirst = true; ; isFirst = false) {
      const token = await limit.race(this.#tokens.get());
      const request = init(sent, token, limit.signal);
      const response = await this.#fetch(new URL(path, this.#base), request).catch(lost);
      if (response.ok) return response;
      const refusal = await refusalOf(response);
      const isRefused = isFirst && refusal instanceof TokenError;
      if (!isRefused || !(await this.#tokens.renew(token))) throw refusal;
    }
  }
}

/**
 * @param {Sent} sent
 * @param {string | undefined} token
 * @param {AbortSignal} signal
 * @returns {RequestInit}
 */
function init({ headers, json }, token, signal) {
  const all = new Headers(headers);
  if (token !== undefined) all.set('authorization', `Bearer ${token}`);
  if (json === undefined) return { headers: all, signal, cache: 'no-store' };
  all.set('content-type', 'application/json');
  return { method: 'POST', headers: all, signal, cache: 'no-store', body: json };
}

/** @param {Response} response */
function eventsOf({ body, headers, status }) {
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  if (body === null || !isStream) throw new ForeignAnswerError({ status });
  return body;
}

function noAnswer() {
  return new UnreachableError('the service has not answered in time');
}
