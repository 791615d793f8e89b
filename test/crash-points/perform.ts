import { messageOf } from '../../src/errors.ts';
import { auditLedger } from '../chaos/audit/audit-ledger.ts';
import { untilSo } from '../chaos/system/until.ts';
import type { ArmedProcess } from './armed-process.ts';
import { type Fleet, LANES } from './fleet.ts';
import type { FleetKind, Run } from './plan.ts';
import { type User, usersOf } from './users.ts';

/** What came of a run. */
export interface Performed extends Run {
  readonly kind: FleetKind;
  readonly fired: boolean;
  /** Raised in this run, and accepted. */
  readonly submissions: number;
  /** From the death until nothing was left to apply, in milliseconds. */
  readonly recoveryMs: number;
  /** How often a process ended while it started, and was started again. */
  readonly startedAgain: number;
  /** Everything that was not as it has to be. */
  readonly wrong: readonly string[];
}

const MOST_WAVES = 5;
const WAVE_IS_OVER_WITHIN_MS = 60_000;

/** Has users raise issues until the process has died at its point; then all has to be well. */
export async function perform(run: Run, fleet: Fleet): Promise<Performed> {
  const { point, nth, afterMs } = run;
  const { startedAgain } = fleet;
  const acceptedBefore = fleet.ledger.accepted;
  const victim = fleet.take(point.role);
  await victim.arm({ point: point.name, nth, afterMs });
  const death = { at: Number.NaN };
  const replaced = victim.ended.then(async () => {
    death.at = performance.now();
    if (run.replaced === 'at once') await fleet.start(point.role);
  });
  // It may fail before it is awaited.
  replaced.catch(() => {});

  const problems = await problemsOf(
    () => raiseUntilDead(run, fleet, victim),
    async () => {
      if (victim.isDead) await replaced;
      else fleet.giveBack(point.role, victim);
    },
    () => fleet.quiet(),
  );
  const recoveryMs = Math.round(performance.now() - death.at);
  if (victim.isDead && run.replaced !== 'at once') await fleet.start(point.role);

  return {
    ...run,
    kind: fleet.kind,
    fired: victim.hasFired,
    submissions: fleet.ledger.accepted - acceptedBefore,
    recoveryMs,
    startedAgain: fleet.startedAgain - startedAgain,
    wrong: [
      ...problems,
      ...(victim.hasFired ? [] : [`it did not die at its point; its log:\n${victim.log}`]),
      ...fleet.deadLogs.map(log => `a process ended by itself; its log:\n${log}`),
      ...(await audit(fleet)),
    ],
  };
}

async function raiseUntilDead(run: Run, fleet: Fleet, victim: ArmedProcess): Promise<void> {
  const users = usersOf(run, fleet);
  for (let wave = 0; wave < MOST_WAVES && !victim.isDead; wave++) {
    await raise(run, fleet, users, victim);
    const isOver = async () => victim.isDead || (await fleet.isQuiet());
    await untilSo('the wave is over', isOver, WAVE_IS_OVER_WITHIN_MS);
  }
}

/** What everybody raises while nothing can be applied makes batches; the last of each waits for its end. */
async function raise({ point, each }: Run, fleet: Fleet, users: readonly User[], victim: ArmedProcess) {
  const goOn = await holdBack(point.name, fleet, victim);
  await Promise.all(users.map(user => user.raise(2)));
  if (point.name === 'halving') await Promise.all(users.map(user => user.raise(1, { poisoned: true })));
  await Promise.all(users.map(user => user.raise(each - 3)));
  await goOn();
  await Promise.all(users.map(user => user.raise(1, { waits: true })));
}

/** @returns lets the workers go on */
async function holdBack(
  point: Run['point']['name'],
  fleet: Fleet,
  victim: ArmedProcess,
): Promise<() => Promise<void>> {
  if (point !== 'waiting') return fleet.database.holdIssues();
  await fleet.database.shut();
  return async () => {
    try {
      await untilSo('it died waiting', async () => victim.isDead, WAVE_IS_OVER_WITHIN_MS);
    } finally {
      await fleet.database.open();
    }
  };
}

/** Does one thing after the other, whatever becomes of those before. @returns what went wrong */
async function problemsOf(...steps: (() => Promise<unknown>)[]): Promise<string[]> {
  const problems: string[] = [];
  for (const step of steps) await step().catch((error: unknown) => problems.push(messageOf(error)));
  return problems;
}

async function audit({ ledger, database, lanes, poisoned }: Fleet): Promise<string[]> {
  const { findings, counts, histories } = await auditLedger(ledger, {
    databaseUrl: database.url,
    queueUrl: lanes.url,
    lanes: LANES,
  });
  const lines = findings.map(({ kind, userId = '', submissionId = '', detail }) =>
    [kind, userId, submissionId, detail].filter(Boolean).join(' '),
  );
  if (counts.unsettled > 0) lines.push(`${counts.unsettled} raises were never answered`);
  if (counts.refused !== poisoned)
    lines.push(`${counts.refused} were refused, and ${poisoned} were poisoned`);
  return findings.length > 0 ? [...lines, histories] : lines;
}
