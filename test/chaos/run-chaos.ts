import { conclude } from './conclude.ts';
import type { Fault } from './faults/fault.ts';
import { faultsNamed } from './faults/index.ts';
import { type Strike, strikeAll } from './faults/strike.ts';
import { Ledger } from './ledger.ts';
import { type ForeignWriter, writeForeignRows } from './load/foreign-writer.ts';
import { Load } from './load/load.ts';
import { addOrganizations } from './load/organizations.ts';
import { type Poisoner, poison } from './load/poison.ts';
import type { ChaosOptions } from './options.ts';
import type { Standing } from './report/progress.ts';
import type { Report } from './report/report.ts';
import { schedule } from './schedule.ts';
import { settle } from './settle.ts';
import { showProgress } from './show-progress.ts';
import type { Flushed } from './system/lane-keys.ts';
import { untilReady } from './system/ready.ts';
import { type System, startSystem } from './system/system.ts';
import { type Watch, watch } from './watch.ts';

const MINUTE_MS = 60_000;
const READY_WITHIN_MS = 180_000;

export interface RunOptions {
  readonly onProgress: (standing: Standing) => void;
  /** Aborts to end the run at once: everything is removed, and there is no report. */
  readonly signal: AbortSignal;
  /** Called before everything is removed, for instance to keep the logs. */
  readonly onEnd?: (report: Report, system: System) => Promise<void>;
}

/** Everything that is at work in a run. */
export interface Work {
  readonly system: System;
  readonly ledger: Ledger;
  readonly load: Load;
  readonly poisoner: Poisoner;
  readonly foreign: ForeignWriter;
  readonly watch: Watch;
  readonly strikes: Strike[];
  readonly flushes: Flushed[];
}

/**
 * Runs the system under load and under fire, and audits what became of it.
 *
 * @throws when the system cannot be started, a fault has no such name, or the run is aborted
 */
export async function runChaos(options: ChaosOptions, run: RunOptions): Promise<Report> {
  const faults = faultsNamed(options.faults);
  const system = await startSystem({ lanes: options.lanes, apis: 2, workers: 3 });
  try {
    await addOrganizations(system.postgres.url);
    await untilReady(system, READY_WITHIN_MS);
    const report = await underFire(system, faults, options, run);
    await run.onEnd?.(report, system);
    return report;
  } finally {
    await system.close();
  }
}

async function underFire(
  system: System,
  faults: readonly Fault[],
  options: ChaosOptions,
  { onProgress, signal }: RunOptions,
): Promise<Report> {
  const date = new Date().toISOString();
  const work = begin(system, options);
  const { ledger, strikes, flushes } = work;
  const totalMs = options.minutes * MINUTE_MS;
  const planned = schedule({ ...options, totalMs, faults });
  const progress = showProgress(work, totalMs, onProgress);
  try {
    await strikeAll({
      planned,
      faults,
      system,
      ledger,
      signal,
      onStrike: strike => strikes.push(strike),
      onFlush: flushed => flushes.push(flushed),
    });
    signal.throwIfAborted();
    progress.phase('settling');
    const problems = await settle(work);
    progress.phase('auditing');
    return await conclude(work, { faults, options, date, problems });
  } finally {
    progress.end();
    await work.watch.stop();
  }
}

function begin(system: System, { users, perSecond, seed, lanes }: ChaosOptions): Work {
  const ledger = new Ledger();
  const load = new Load({ addresses: system.addresses, ledger, users, perSecond, seed });
  return {
    system,
    ledger,
    load,
    poisoner: poison({ queueUrl: system.redis.url, lanes, ledger }),
    foreign: writeForeignRows({ databaseUrl: system.postgres.url, users: () => load.users, seed }),
    watch: watch(system),
    strikes: [],
    flushes: [],
  };
}
