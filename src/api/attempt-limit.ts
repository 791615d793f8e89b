import { emptyAt, hasRoom, levelAt, type RateLimit, secondsUntilRoom } from '../rate-limit.ts';
import { RecentlyUsed } from './recently-used.ts';

/** Of one address each. */
export interface AttemptLimits {
  readonly badTokens: RateLimit;
  readonly wrongPasswords: RateLimit;
}

export const ATTEMPT_LIMITS: AttemptLimits = {
  // Many people may stand behind one address, whose tokens expire at the same time.
  badTokens: { perSecond: 10, burst: 100 },
  // A person who mistypes may try again; a program has 2,890 tries a day.
  wrongPasswords: { perSecond: 1 / 30, burst: 10 },
};

/** Some megabytes. */
const MOST_KEYS = 20_000;

/** Who fails too often has to wait. In the memory of this process, and bounded. */
export class AttemptLimit {
  readonly #limit: RateLimit;
  readonly #emptyAt: RecentlyUsed<number>;

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#emptyAt = new RecentlyUsed({ keepMs: (limit.burst * 1000) / limit.perSecond, most: MOST_KEYS });
  }

  /** Whole seconds to wait; 0 when another attempt may be made. */
  secondsToWait(key: string): number {
    const level = this.#levelOf(key, performance.now());
    return hasRoom(level, this.#limit) ? 0 : secondsUntilRoom(level, this.#limit);
  }

  failed(key: string): void {
    const now = performance.now();
    this.#emptyAt.set(key, emptyAt(this.#levelOf(key, now) + 1, now, this.#limit));
  }

  #levelOf(key: string, now: number): number {
    return levelAt(this.#emptyAt.get(key) ?? 0, now, this.#limit);
  }
}
