import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/*
 * What the users of the suite were told. Each user raises in sequence: the next
 * issue only when the one before is settled, so the order in which a user's
 * raises stand here is the order of their acceptance. An outcome that nobody
 * heard is asked for again, with the same Idempotency-Key.
 *
 * All of it is plain JSON; times are milliseconds since 1970, by the suite's clock.
 */

const Try = Type.Object({
  at: Type.Number(),
  answeredAt: Type.Number(),
  /** `no answer`: the connection was cut, refused or given up. */
  status: Type.Union([Type.Integer(), Type.Literal('no answer')]),
  code: Type.Optional(Type.String()),
  replayed: Type.Optional(Type.Literal(true)),
});
/** One request for a raise, and what came of it. */
export type Try = Static<typeof Try>;

const Raise = Type.Object({
  key: Type.String(),
  organizationId: Type.String(),
  /** No two raises of a ledger have the same. */
  title: Type.String(),
  /** As soon as an answer named it. */
  submissionId: Type.Optional(Type.String()),
  outcome: Type.Enum(['accepted', 'refused', 'unsettled']),
  /** Of a refusal at the door, or of the rejection that an accepted one waited for. */
  code: Type.Optional(Type.String()),
  sentAt: Type.Number(),
  settledAt: Type.Optional(Type.Number()),
  tries: Type.Array(Try),
});
/** One issue that a user wants to raise, through all its tries. */
export type Raise = Static<typeof Raise>;

const Unexpected = Type.Object({
  at: Type.Number(),
  userId: Type.String(),
  key: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
});
/** An answer outside 2xx, 4xx and 503 with `Retry-After`. */
export type Unexpected = Static<typeof Unexpected>;

export const LedgerData = Type.Object({
  users: Type.Record(Type.String(), Type.Array(Raise)),
  /** The submissions that were on the lanes when the suite itself emptied the store: only these may be missing. */
  lostByFlush: Type.Array(Type.String()),
  unexpected: Type.Array(Unexpected),
});
export type LedgerData = Static<typeof LedgerData>;

/** What a request was answered. */
export interface Answer {
  readonly status: number;
  /** From the body, of a 2xx, or of a 422 that ends an accepted submission. */
  readonly submissionId?: string | undefined;
  /** From the body of a problem. */
  readonly code?: string | undefined;
  /** `Idempotency-Replayed: true`. */
  readonly replayed?: boolean | undefined;
  /** `Retry-After`, as it stands. */
  readonly retryAfter?: string | null | undefined;
  /** Of the body, for people who look at an unexpected answer. */
  readonly detail?: string | undefined;
}

/** What the user does next: raise the next issue, or send this one again with the same key. */
export type Next = 'settled' | 'again';

/** Asks for patience; it settles nothing. */
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

export class Ledger {
  readonly #users = new Map<string, Raise[]>();
  readonly lostByFlush = new Set<string>();
  readonly unexpected: Unexpected[] = [];

  /** Each user's raises, in the order of their acceptance. */
  get users(): ReadonlyMap<string, readonly Raise[]> {
    return this.#users;
  }

  /** How many raises were accepted. */
  get accepted(): number {
    return [...this.#users.values()].flat().filter(({ outcome }) => outcome === 'accepted').length;
  }

  /** Opens an entry, before its first request is sent. */
  begin(
    userId: string,
    { key, organizationId, title }: Pick<Raise, 'key' | 'organizationId' | 'title'>,
  ): Raise {
    const raise: Raise = { key, organizationId, title, outcome: 'unsettled', sentAt: Date.now(), tries: [] };
    const raises = this.#users.get(userId) ?? [];
    this.#users.set(userId, raises);
    raises.push(raise);
    return raise;
  }

  /** @param sentAt when the request of this answer was sent */
  answered(userId: string, raise: Raise, sentAt: number, answer: Answer): Next {
    const { status, submissionId, code, replayed } = answer;
    raise.tries.push({
      at: sentAt,
      answeredAt: Date.now(),
      status,
      ...(code === undefined ? {} : { code }),
      ...(replayed ? { replayed } : {}),
    });
    if (submissionId !== undefined) raise.submissionId = submissionId;
    if (!isExpected(answer)) this.#noteUnexpected(userId, raise, answer);
    if (!settles(status)) return 'again';
    raise.outcome = submissionId === undefined ? 'refused' : 'accepted';
    if (code !== undefined) raise.code = code;
    raise.settledAt = Date.now();
    return 'settled';
  }

  /** The connection was cut, refused or given up: nobody knows whether the submission was accepted. */
  unanswered(raise: Raise, sentAt: number): Next {
    raise.tries.push({ at: sentAt, answeredAt: Date.now(), status: 'no answer' });
    return 'again';
  }

  toJSON(): LedgerData {
    return {
      users: Object.fromEntries(this.#users),
      lostByFlush: [...this.lostByFlush],
      unexpected: this.unexpected,
    };
  }

  /** @throws when it is no ledger */
  static from(json: unknown): Ledger {
    const { users, lostByFlush, unexpected } = Value.Parse(LedgerData, json);
    const ledger = new Ledger();
    for (const [userId, raises] of Object.entries(users)) ledger.#users.set(userId, raises);
    for (const id of lostByFlush) ledger.lostByFlush.add(id);
    ledger.unexpected.push(...unexpected);
    return ledger;
  }

  #noteUnexpected(userId: string, { key }: Raise, { status, detail = '' }: Answer): void {
    this.unexpected.push({ at: Date.now(), userId, key, status, detail });
  }
}

/** Whether a raise that ended so may be on a lane or in the database: also when the last answer was no. */
export function mayBeThere({ outcome, tries }: Raise): boolean {
  return outcome !== 'refused' || tries.some(({ status }) => !settledNothing(status));
}

function settles(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS);
}

/** A 503 is no proof of absence: the store may have taken the submission and answered too late. */
function settledNothing(status: Try['status']): boolean {
  return status !== 'no answer' && status >= 400 && status < 500;
}

function isExpected({ status, submissionId, retryAfter }: Answer): boolean {
  if (status >= 200 && status < 300) return submissionId !== undefined;
  return (status >= 400 && status < 500) || (status === UNAVAILABLE && Boolean(retryAfter));
}
