import { ask, readHistory } from './answers.js';

/**
 * What the pipeline does: asked for every two seconds, kept for an hour. When no
 * answer comes, what is shown is old, and that is said.
 *
 * @typedef {import('./answers.js').Point} Point
 * @typedef {import('./answers.js').History} History
 */

const HOUR_MS = 3_600_000;
const FIRST_EVERY_MS = 2_000;

/** Dispatches `change` after each answer, and `trouble` when there was none. */
export class Feed extends EventTarget {
  /** The last hour's, the oldest first. @type {Point[]} */
  points = [];
  /** The latest answer. @type {History | undefined} */
  latest;
  /** When that came, in milliseconds since 1970. */
  answeredAt = Date.now();
  /** Why there was no answer; empty when there was one. */
  trouble = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  start() {
    void this.#look();
    // A tab in the background is woken rarely.
    addEventListener('online', () => this.#now());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#now();
    });
  }

  get everyMs() {
    return this.latest?.everyMs ?? FIRST_EVERY_MS;
  }

  #now() {
    clearTimeout(this.#timer);
    void this.#look();
  }

  async #look() {
    const since = this.points.at(-1)?.at ?? 0;
    const asked = await ask(`glance/history?since=${since}`, readHistory).catch(error => ({
      trouble: String(error),
    }));
    if ('value' in asked) this.#take(asked.value);
    else this.trouble = asked.trouble;
    this.dispatchEvent(new Event('value' in asked ? 'change' : 'trouble'));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.everyMs);
  }

  /** @param {History} history */
  #take(history) {
    const last = this.points.at(-1)?.at ?? 0;
    // Another process may have answered, which has its own points.
    const fresh = history.points.filter(({ at }) => at > last);
    const from = Date.now() - HOUR_MS;
    this.points = [...this.points, ...fresh].filter(({ at }) => at > from);
    this.latest = history;
    this.answeredAt = Date.now();
    this.trouble = '';
  }
}
