import type { Ledger, Raise } from '../ledger.ts';
import type { Stored, StoredIssue } from './stored.ts';

/** A raise of the ledger, and what is stored of it. */
export interface Matched {
  readonly userId: string;
  readonly raise: Raise;
  /** The id that an answer named, or under which the same content is stored. */
  readonly id: string | undefined;
  /** Other ids under which the same content is stored. */
  readonly otherIds: readonly string[];
  readonly issue: StoredIssue | undefined;
  /** The code of its refusal in force. */
  readonly refusedWith: string | undefined;
  /** It was refused, and became an issue after all: it has lost its place in the order. */
  readonly redriven: boolean;
  readonly unfinished: boolean;
}

/** Each user's raises, in the order of their acceptance, with what is stored of each. */
export function matchUp(ledger: Ledger, stored: Stored): Map<string, Matched[]> {
  const idsOf = idsByTitle(stored);
  const matchAll = (userId: string, raises: readonly Raise[]) =>
    raises.map(raise => match(userId, raise, idsOf.get(raise.title) ?? new Set(), stored));
  return new Map([...ledger.users].map(([userId, raises]) => [userId, matchAll(userId, raises)]));
}

function match(userId: string, raise: Raise, stored: ReadonlySet<string>, all: Stored): Matched {
  const id = raise.submissionId ?? [...stored][0];
  return {
    userId,
    raise,
    id,
    otherIds: [...stored].filter(each => each !== id),
    ...(id === undefined ? NOTHING : endOf(id, all)),
  };
}

type End = Pick<Matched, 'issue' | 'refusedWith' | 'redriven' | 'unfinished'>;

const NOTHING: End = { issue: undefined, refusedWith: undefined, redriven: false, unfinished: false };

/** A failure that not even the database could store has its job as the only record. */
function endOf(id: string, { issues, refusals, failedJobs, unfinished }: Stored): End {
  const refusal = refusals.get(id);
  const redriven = refusal !== undefined && refusal.appliedAt !== null;
  return {
    issue: issues.get(id),
    refusedWith: redriven ? undefined : (refusal ?? failedJobs.get(id))?.code,
    redriven,
    unfinished: unfinished.has(id),
  };
}

function idsByTitle(stored: Stored): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const each of Object.values(stored).flatMap(map => [...map.values()])) {
    const same = ids.get(each.title) ?? new Set();
    ids.set(each.title, same.add(each.id));
  }
  return ids;
}
