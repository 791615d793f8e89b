/*
 * A map that forgets what has not been used for a while, and never grows past a
 * bound: without timers, and without touching more than one entry at a time. What
 * is used goes into the younger of two maps; from time to time the older is dropped.
 */

export interface Retention {
  /** What is used again within this time is still there, unless there is too much of it. */
  readonly keepMs: number;
  /** Most entries in each of the two maps. */
  readonly most: number;
}

export class RecentlyUsed<V> {
  readonly #retention: Retention;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #turnedAt = performance.now();

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  /** @param now for whoever has asked the clock already */
  get(key: string, now = performance.now()): V | undefined {
    this.#turnInTime(now);
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#retention.most && !this.#young.has(key)) this.#turn();
    this.#young.set(key, value);
  }

  #turnInTime(now: number): void {
    const age = now - this.#turnedAt;
    if (age < this.#retention.keepMs) return;
    this.#turn();
    // Nobody has been here for so long that what was young is old, too.
    if (age >= 2 * this.#retention.keepMs) this.#old = new Map();
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAt = performance.now();
  }
}
