import type { AuditReport } from '../audit/findings.ts';
import type { Strike } from '../faults/strike.ts';
import type { Ledger } from '../ledger.ts';
import type { Seen } from '../load/events.ts';
import type { ChaosOptions } from '../options.ts';
import type { Ended } from '../system/supervised.ts';
import type { FaultFigures } from './figures.ts';

/** All that a run has shown. */
export interface Report {
  readonly date: string;
  readonly options: ChaosOptions;
  readonly totals: Totals;
  readonly faults: readonly FaultFigures[];
  readonly strikes: readonly Strike[];
  /** Processes that ended without any fault doing it; the supervisor started them again. */
  readonly endedByThemselves: readonly Ended[];
  /** Of the answers to clients who did not ask to wait, the one that took longest. */
  readonly slowest?: Seen | undefined;
  readonly audit: AuditReport;
  /** Everything that was not as it has to be. Empty: the run has passed. */
  readonly wrong: readonly string[];
}

export interface Totals {
  readonly raised: number;
  readonly accepted: number;
  readonly refusedAtTheDoor: number;
  readonly applied: number;
  /** Rejected or failed. */
  readonly refused: number;
  readonly lostByFlush: number;
  readonly unsettled: number;
  readonly requests: number;
  readonly unavailable: number;
  readonly unanswered: number;
  readonly hungUp: number;
  readonly retries: number;
  readonly replays: number;
  readonly reads: number;
  readonly poisoned: number;
  readonly foreignRows: number;
  readonly foreignLate: number;
  readonly restartsAfterFault: number;
  readonly restartsByItself: number;
  /** The longest that a client who did not ask to wait was kept, in seconds. */
  readonly slowestAnswer: number;
}

export interface Counted {
  readonly ledger: Ledger;
  readonly seen: readonly Seen[];
  readonly ends: readonly Ended[];
  readonly audit: AuditReport;
  readonly poisoned: number;
  readonly foreign: { readonly rows: number; readonly late: number };
}

export function totalsOf({ ledger, seen, ends, audit, poisoned, foreign }: Counted): Totals {
  const raises = [...ledger.users.values()].flat();
  const tries = raises.flatMap(raise => raise.tries);
  const requests = seen.filter(({ kind }) => kind === 'raise');
  const { counts } = audit;
  return {
    raised: raises.length,
    accepted: ledger.accepted,
    refusedAtTheDoor: count(raises, ({ outcome }) => outcome === 'refused'),
    applied: counts.applied,
    refused: counts.refused,
    lostByFlush: counts.lostByFlush,
    unsettled: counts.unsettled,
    requests: requests.length,
    unavailable: count(requests, ({ status }) => status === 503),
    unanswered: count(requests, ({ status, how }) => status === 'no answer' && how !== 'hangs up'),
    hungUp: count(requests, ({ status, how }) => status === 'no answer' && how === 'hangs up'),
    retries: tries.length - raises.length,
    replays: count(tries, ({ replayed }) => replayed === true),
    reads: seen.length - requests.length,
    poisoned,
    foreignRows: foreign.rows,
    foreignLate: foreign.late,
    restartsAfterFault: count(ends, ({ by }) => by === 'fault'),
    restartsByItself: count(ends, ({ by }) => by === 'itself'),
    slowestAnswer: Math.round((slowestOf(seen)?.ms ?? 0) / 100) / 10,
  };
}

function count<T>(all: readonly T[], is: (each: T) => boolean): number {
  return all.reduce((sum, each) => sum + (is(each) ? 1 : 0), 0);
}

export function slowestOf(seen: readonly Seen[]): Seen | undefined {
  return seen.reduce<Seen | undefined>(
    (slowest, each) => (each.how === 'plain' && each.ms > (slowest?.ms ?? 0) ? each : slowest),
    undefined,
  );
}
