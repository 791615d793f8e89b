import type { Logger } from 'pino';
import { logConnectionError } from '../connection-errors.ts';
import type { QueueStore } from '../queue-store.ts';
import { emptyAt, hasRoom, levelAt, type RateLimit, secondsUntilRoom } from '../rate-limit.ts';
import { within } from '../within.ts';
import { RecentlyUsed } from './recently-used.ts';

/*
 * How fast a user may raise, through all API processes together. The bucket is in
 * the queue store, but a process does not ask there for each raise: a twentieth of
 * the limit it gives by itself, and beyond that it takes a twentieth of the burst
 * at a time. So most users cost the store nothing, and a busy one a command for
 * every few raises.
 *
 * The bound: what a process gives by itself may come on top, and what it took
 * before and has not given yet. So N processes let in at most (1 + N/20) times the
 * rate, and (1 + N/10) times the burst.
 *
 * A store that does not answer stops nothing: each process then goes by its own
 * view of the bucket, which is the limit once for each process.
 */

export interface Admitted {
  readonly ok: boolean;
  /** As this process sees it. */
  readonly remaining: number;
  /** Until the bucket is empty; of one who is refused, until there is room for one. */
  readonly seconds: number;
}

const SHARES = 20;
/** About 10 MB. With more at once, those who have rested longest get their share again too soon. */
const MOST_USERS = 20_000;
/** A raise that needs the store's word waits no longer for it. */
const ASK_TIMEOUT_MS = 100;
/** After a failure nobody waits for this long. */
const ASK_AGAIN_MS = 1_000;

/** One user's bucket as this process sees it. */
interface View {
  emptyAt: number;
  /** Of the small bucket for what is given without asking. */
  ownEmptyAt: number;
  /** What was taken from the store and may be let in. */
  credit: number;
  /** What was let in and the store does not know of. */
  debt: number;
  /** Those who need the store's word wait for one answer. */
  asking: Promise<void> | undefined;
}

export class UserLimit {
  readonly limit: RateLimit;
  /** What this process gives by itself. */
  readonly #own: RateLimit;
  readonly #store: Pick<QueueStore, 'charge'>;
  readonly #log: Logger;
  readonly #askTimeoutMs: number;
  readonly #views: RecentlyUsed<View>;
  #askAgainAt = Number.NEGATIVE_INFINITY;

  constructor(
    store: Pick<QueueStore, 'charge'>,
    limit: RateLimit,
    log: Logger,
    askTimeoutMs = ASK_TIMEOUT_MS,
  ) {
    this.#askTimeoutMs = askTimeoutMs;
    this.limit = limit;
    this.#own = {
      perSecond: limit.perSecond / SHARES,
      burst: Math.max(1, Math.floor(limit.burst / SHARES)),
    };
    this.#store = store;
    this.#log = log;
    this.#views = new RecentlyUsed({ keepMs: (limit.burst * 1000) / limit.perSecond, most: MOST_USERS });
  }

  /** At once for most; a promise, which does not fail, where the store's word is needed. */
  admit(userId: string): Admitted | Promise<Admitted> {
    const now = performance.now();
    const view = this.#viewOf(userId, now);
    const level = levelAt(view.emptyAt, now, this.limit);
    if (!hasRoom(level, this.limit)) {
      return { ok: false, remaining: 0, seconds: secondsUntilRoom(level, this.limit) };
    }
    if (this.#gives(view, now) || now < this.#askAgainAt) view.debt++;
    else if (view.credit > 0) view.credit--;
    else return this.#ask(userId, view).then(() => this.admit(userId));
    view.emptyAt = emptyAt(level + 1, now, this.limit);
    const remaining = Math.max(0, Math.floor(this.limit.burst - level - 1));
    return { ok: true, remaining, seconds: Math.ceil((level + 1) / this.limit.perSecond) };
  }

  /** Whether this process may give one more by itself; then it has. */
  #gives(view: View, now: number): boolean {
    const level = levelAt(view.ownEmptyAt, now, this.#own);
    if (!hasRoom(level, this.#own)) return false;
    view.ownEmptyAt = emptyAt(level + 1, now, this.#own);
    return true;
  }

  #viewOf(userId: string, now: number): View {
    const known = this.#views.get(userId, now);
    if (known !== undefined) return known;
    const view = { emptyAt: 0, ownEmptyAt: 0, credit: 0, debt: 0, asking: undefined };
    this.#views.set(userId, view);
    return view;
  }

  #ask(userId: string, view: View): Promise<void> {
    view.asking ??= this.#charge(userId, view).finally(() => {
      view.asking = undefined;
    });
    return view.asking;
  }

  async #charge(userId: string, view: View): Promise<void> {
    const { limit } = this;
    const asked = view.debt;
    // What has leaked out of our own view is of no account any more.
    const debt = Math.min(asked, Math.ceil(levelAt(view.emptyAt, performance.now(), limit)));
    try {
      const charge = this.#store.charge(userId, { limit, debt, wanted: this.#own.burst });
      const { granted, level } = await within(this.#askTimeoutMs, charge);
      view.debt -= asked;
      view.credit += granted;
      view.emptyAt = emptyAt(level - granted + view.debt, performance.now(), limit);
    } catch (error) {
      this.#askAgainAt = performance.now() + ASK_AGAIN_MS;
      logConnectionError(this.#log, error, 'rate limit');
    }
  }
}
