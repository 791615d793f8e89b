import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger, Raise } from '../ledger.ts';
import { seededRandom } from '../random.ts';
import type { Seen } from './events.ts';
import { User } from './user.ts';

/** After this many issues a seat goes to a user who was never there before. */
const ISSUES_EACH = 60;

export interface LoadOptions {
  /** The base URLs of the APIs; any request goes to any of them. */
  readonly addresses: readonly string[];
  readonly ledger: Ledger;
  /** Users at a time. */
  readonly users: number;
  /** How many issues a second all of them raise, when nothing is in their way. */
  readonly perSecond: number;
  readonly seed: number;
}

/** Users who raise issues until they are told to stop. */
export class Load {
  /** Everything that clients saw. */
  readonly seen: Seen[] = [];
  /** How many requests were not accepted so far. */
  readonly counts = { unavailable: 0, unanswered: 0 };
  /** Accepted submissions of which a read said that there is no such. */
  readonly missing: { readonly userId: string; readonly raise: Raise; readonly at: number }[] = [];
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #current: string[] = [];
  readonly #seats: Promise<void>;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#seats = Promise.all(Array.from({ length: options.users }, (_, seat) => this.#run(seat))).then(
      () => {},
    );
    // Whoever stops the load hears of it.
    this.#seats.catch(() => {});
  }

  /** The users who raise now, and those who come after them. */
  get users(): readonly string[] {
    return this.#current;
  }

  /**
   * Begins no further issue, and resolves when each user knows what became of the last one.
   *
   * @throws when that takes longer than `withinMs`
   */
  async stop(withinMs: number): Promise<void> {
    this.#stop.abort();
    const late = setTimeout(() => this.#giveUp.abort(), withinMs);
    await this.#seats;
    clearTimeout(late);
    if (this.#giveUp.signal.aborted)
      throw new Error(`not every user had an answer within ${withinMs / 1000} s`);
  }

  async #run(seat: number): Promise<void> {
    const { users, perSecond, seed } = this.#options;
    const random = seededRandom(seed + seat);
    const thinkMs = (1000 * users) / perSecond;
    await this.#pause(random.next() * thinkMs);
    for (let generation = 0; !this.#stop.signal.aborted; generation++) {
      this.#current[2 * seat] = nameOf(seat, generation);
      this.#current[2 * seat + 1] = nameOf(seat, generation + 1);
      const user = this.#sit(nameOf(seat, generation), random);
      for (let count = 0; count < ISSUES_EACH && !this.#stop.signal.aborted; count++) {
        await user.raise();
        await this.#pause(thinkMs * (0.5 + random.next()));
      }
    }
  }

  #sit(userId: string, random: ReturnType<typeof seededRandom>): User {
    const { addresses, ledger } = this.#options;
    return new User({
      userId,
      addresses,
      ledger,
      random,
      giveUp: this.#giveUp.signal,
      onSeen: seen => this.#note(seen),
      onMissing: (id, raise) => this.missing.push({ userId: id, raise, at: Date.now() }),
    });
  }

  #note(seen: Seen): void {
    this.seen.push(seen);
    if (seen.status === 503) this.counts.unavailable++;
    if (seen.status === 'no answer') this.counts.unanswered++;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

function nameOf(seat: number, generation: number): string {
  return `user-${seat}-${generation}`;
}
