/**
 * A time limit on top of a caller's signal. Its signal is given for whichever comes
 * first, with that one's reason. By timers of its own, that end with it: signals of
 * `AbortSignal.any` and `AbortSignal.timeout` stay with a caller's signal for as long
 * as that one lives.
 */
export class Limit {
  #controller = new AbortController();
  #parent;
  /** A new error for when the time is over. */
  reason;
  #onAbort;
  #endsAt = Number.POSITIVE_INFINITY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {number} ms Infinity for none
   * @param {AbortSignal | undefined} parent
   * @param {() => Error} reason when the time is over
   */
  constructor(ms, parent, reason) {
    this.#parent = parent;
    this.reason = reason;
    this.#onAbort = () => this.#controller.abort(parent?.reason);
    if (parent?.aborted) this.#onAbort();
    else parent?.addEventListener('abort', this.#onAbort, { once: true });
    this.restart(ms);
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Milliseconds. */
  get left() {
    return this.#endsAt - performance.now();
  }

  /** Begins anew. @param {number} ms */
  restart(ms) {
    clearTimeout(this.#timer);
    this.#endsAt = performance.now() + ms;
    if (ms > LONGEST_TIMER_MS) return;
    this.#timer = setTimeout(() => this.#controller.abort(this.reason()), ms);
  }

  /** To be called in any case: also ends what still goes on under its signal. */
  end() {
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener('abort', this.#onAbort);
    this.#controller.abort();
  }

  /**
   * For what takes no signal.
   *
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>} rejects with the signal's reason
   */
  race(promise) {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const fail = () => reject(signal.reason);
      if (signal.aborted) fail();
      signal.addEventListener('abort', fail, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', fail));
    });
  }
}

/** Beyond this a timer fires at once; 24 days are as good as none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
