import { pino } from 'pino';
import { type Audit, audit } from '../../../src/audit/audit.ts';
import { openLanes } from '../../../src/audit/open-lanes.ts';
import { openDatabase } from '../../../src/database.ts';
import { openSettings } from '../../../src/epoch-records.ts';
import { openQueueStore } from '../../../src/queue-store.ts';
import { readStanding } from '../../../src/resize/resize.ts';
import { untilAnswers } from '../../../src/until-answers.ts';
import { within } from '../../../src/within.ts';
import type { Ledger } from '../ledger.ts';
import { differingRefusals, isLost, unexplained, wrongEnds } from './ends.ts';
import type { AuditReport, Finding } from './findings.ts';
import { historyOf } from './history.ts';
import { type Matched, matchUp } from './matched.ts';
import { reordered } from './order.ts';
import { readStored, type Stored } from './stored.ts';
import { structuralFindings } from './structure.ts';
import { trailFindings } from './trail.ts';

export interface AuditLedgerOptions {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  /** How many lanes the system under test has. */
  readonly lanes: number;
  /** Milliseconds until what looks wrong with the structure is looked at again; by default longer than workers confirm their lanes. */
  readonly againAfterMs?: number;
}

const LONGER_THAN_WORKERS_CONFIRM_MS = 6000;
const STORE_ANSWERS_WITHIN_MS = 10_000;
const ANY_CLOCK_SKEW_MS = 1e12;
const MOST_HISTORIES = 10;

/**
 * Compares what users were told with what is there, by the design's five
 * invariants. At quiet: nothing waits, nothing is being applied.
 *
 * @throws when database or queue store do not answer
 */
export async function auditLedger(ledger: Ledger, options: AuditLedgerOptions): Promise<AuditReport> {
  const { found, stored } = await look(options);
  const byUser = matchUp(ledger, stored);
  const all = [...byUser.values()].flat();
  const others = [
    ...all.flatMap(each => [...wrongEnds(each, ledger.lostByFlush)]),
    ...[...byUser.values()].flatMap(raises => [...reordered(raises)]),
    ...unexplained(all, stored),
    ...differingRefusals(stored),
    ...structuralFindings(found),
    ...notQuiet(stored),
    ...unexpectedAnswers(ledger),
  ];
  const findings = [...others, ...(await trailFindings(options.databaseUrl, others))];
  return {
    findings,
    counts: countsOf(all, ledger),
    histories: historiesOf(byUser, findings, ledger.lostByFlush),
  };
}

async function look(options: AuditLedgerOptions): Promise<{ found: Audit; stored: Stored }> {
  const { databaseUrl, queueUrl, lanes, againAfterMs = LONGER_THAN_WORKERS_CONFIRM_MS } = options;
  const orm = openDatabase(databaseUrl, { poolSize: 1, statementTimeoutMs: 0 });
  const log = pino({ level: 'silent' });
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  try {
    await within(
      STORE_ANSWERS_WITHIN_MS,
      untilAnswers('queue store', () => store.ping(), log),
    );
    const found = await audit({ store, orm, lanes, clockSkewMs: ANY_CLOCK_SKEW_MS, againAfterMs });
    const lanesThere = await openLanes(store, await readStanding(await openSettings(store)));
    const queues = lanesThere.map(({ queue }) => queue);
    return { found, stored: await readStored(databaseUrl, queues) };
  } finally {
    await store.close();
    await orm.close();
  }
}

function notQuiet({ unfinished }: Stored): Finding[] {
  return [...unfinished.values()].map(({ id, userId }) => ({
    kind: 'not_quiet',
    submissionId: id,
    userId,
    detail: 'it is still on its lane',
  }));
}

function unexpectedAnswers({ unexpected }: Ledger): Finding[] {
  return unexpected.map(({ at, userId, key, status, detail }) => ({
    kind: 'answer',
    userId,
    detail: `${status} at ${new Date(at).toISOString()} for the key ${key}: ${detail}`,
  }));
}

function countsOf(all: readonly Matched[], { lostByFlush, users }: Ledger): AuditReport['counts'] {
  const count = (is: (matched: Matched) => boolean) => all.filter(is).length;
  const isUnsettled = ({ raise }: Matched) => raise.outcome === 'unsettled';
  return {
    users: users.size,
    accepted: count(({ raise }) => raise.outcome === 'accepted'),
    applied: count(({ issue }) => issue !== undefined),
    refused: count(({ refusedWith }) => refusedWith !== undefined),
    redriven: count(({ redriven }) => redriven),
    lostByFlush: count(
      each => each.raise.outcome === 'accepted' && isLost(each) && lostByFlush.has(each.id ?? ''),
    ),
    unsettled: count(isUnsettled),
    unsettledThere: count(each => isUnsettled(each) && !isLost(each)),
  };
}

/** Of the first users with something wrong. */
function historiesOf(
  byUser: ReadonlyMap<string, readonly Matched[]>,
  findings: readonly Finding[],
  lostByFlush: ReadonlySet<string>,
): string {
  const users = [...new Set(findings.map(({ userId }) => userId))].filter(user => user !== undefined);
  const histories = users.slice(0, MOST_HISTORIES).map(userId => {
    const about = findings.filter(finding => finding.userId === userId);
    return historyOf(userId, byUser.get(userId) ?? [], about, lostByFlush);
  });
  const more = users.length > MOST_HISTORIES ? [`and ${users.length - MOST_HISTORIES} more users`] : [];
  return [...histories, ...more].join('\n\n');
}
