import { ATTEMPT_LIMITS, AttemptLimit } from './attempt-limit.ts';
import { TooManySignInsError } from './limit-errors.ts';
import { RecentlyUsed } from './recently-used.ts';

/*
 * Guessing of passwords, held up per address, and per name against many addresses
 * together. While a name is held up, addresses that have signed in before are let
 * through: else anybody could lock the administrator out. Who is held up is not
 * told whether the password was right.
 */

export interface SignIn {
  readonly client: string;
  readonly name: string;
}

/** As many addresses together as may guess for one name at full speed. */
const ADDRESSES_PER_NAME = 5;
/** For how long an address is known after its last request. */
const KNOWN_MS = 24 * 60 * 60 * 1000;
const MOST_KNOWN = 1_000;

export class SignInGuard {
  readonly #ofClient: AttemptLimit;
  readonly #ofName: AttemptLimit;
  readonly #known = new RecentlyUsed<true>({ keepMs: KNOWN_MS, most: MOST_KNOWN });

  constructor(limit = ATTEMPT_LIMITS.wrongPasswords) {
    const { perSecond, burst } = limit;
    this.#ofClient = new AttemptLimit(limit);
    this.#ofName = new AttemptLimit({
      perSecond: perSecond * ADDRESSES_PER_NAME,
      burst: burst * ADDRESSES_PER_NAME,
    });
  }

  /** What to answer instead of looking at the password; undefined when it is to be looked at. */
  refusal({ client, name }: SignIn): TooManySignInsError | undefined {
    const ofName = this.#known.get(client) ? 0 : this.#ofName.secondsToWait(name);
    const seconds = Math.max(this.#ofClient.secondsToWait(client), ofName);
    return seconds > 0 ? new TooManySignInsError(seconds) : undefined;
  }

  tried({ client, name }: SignIn, isRight: boolean): void {
    if (isRight) {
      this.#known.set(client, true);
      return;
    }
    this.#ofClient.failed(client);
    this.#ofName.failed(name);
  }
}
