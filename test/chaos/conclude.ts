import { auditLedger } from './audit/audit-ledger.ts';
import type { Fault } from './faults/fault.ts';
import type { ChaosOptions } from './options.ts';
import { figuresOf } from './report/figures.ts';
import { type Report, slowestOf, totalsOf } from './report/report.ts';
import type { Work } from './run-chaos.ts';

/** As many may wait on the lanes when all is well, for each submission a second; and never less than a few. */
const NORMAL_BACKLOG_SECONDS = 0.5;
const LEAST_NORMAL_BACKLOG = 25;

export interface Facts {
  readonly options: ChaosOptions;
  readonly faults: readonly Fault[];
  readonly date: string;
  /** What did not come to rest in the end. */
  readonly problems: readonly string[];
}

/** Audits a run that has come to rest, and says what it has shown. */
export async function conclude(work: Work, { options, faults, date, problems }: Facts): Promise<Report> {
  const { system, ledger, load, poisoner, foreign, watch, strikes } = work;
  const audit = await auditLedger(ledger, {
    databaseUrl: system.postgres.url,
    queueUrl: system.redis.url,
    lanes: system.lanes,
  });
  const ends = [...system.apis, ...system.workers].flatMap(process => process.ends);
  const normalBacklog = Math.max(LEAST_NORMAL_BACKLOG, options.perSecond * NORMAL_BACKLOG_SECONDS);
  const observed = { strikes, seen: load.seen, samples: watch.samples, normalBacklog };
  const poisoned = poisoner.counts.unstorable + poisoner.counts.stray;
  const wrong = [
    ...problems,
    ...strikes.flatMap(({ fault, problem }) => (problem === undefined ? [] : [`${fault}: ${problem}`])),
    ...audit.findings.map(({ kind, detail, userId = '', submissionId = '' }) =>
      [kind, userId, submissionId, detail].filter(Boolean).join(' '),
    ),
  ];
  return {
    date,
    options,
    totals: totalsOf({ ledger, seen: load.seen, ends, audit, poisoned, foreign: foreign.counts }),
    faults: faults.map(fault => figuresOf(fault, observed)),
    strikes,
    endedByThemselves: ends.filter(({ by }) => by === 'itself'),
    slowest: slowestOf(load.seen),
    audit,
    wrong,
  };
}
