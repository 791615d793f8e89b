import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { type Performed, perform } from './perform.ts';
import { type PlanOptions, planRuns, type Run } from './plan.ts';

export interface CrashPointOptions extends PlanOptions {
  /** A PostgreSQL with the migrated template. */
  readonly postgresUrl: string;
  /** For every process of the product. */
  readonly environment?: Record<string, string>;
  readonly onPerformed?: (performed: Performed) => void;
  /** No further run begins once it aborts. */
  readonly signal?: AbortSignal;
}

/** Performs the runs: those of one fleet one after the other, the fleets side by side. */
export async function runCrashPoints(options: CrashPointOptions): Promise<Performed[]> {
  const folder = await makeTempFolder('crash-points-cache');
  try {
    // Half of what a process costs is its start.
    return await performAll({
      ...options,
      environment: { ...options.environment, NODE_COMPILE_CACHE: folder },
    });
  } finally {
    await removeTempFolder(folder);
  }
}

async function performAll(options: CrashPointOptions): Promise<Performed[]> {
  const runs = planRuns(options);
  const ofFleets = options.fleets.map((_, fleet) => runs.filter(run => run.fleet === fleet));
  // All have to come to their end, so that nothing stays behind when one fails.
  const all = await Promise.allSettled(ofFleets.map(each => performOnFleet(each, options)));
  const failed = all.find(each => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return all
    .flatMap(each => (each.status === 'fulfilled' ? each.value : []))
    .sort((a, b) => a.index - b.index);
}

async function performOnFleet(runs: readonly Run[], options: CrashPointOptions): Promise<Performed[]> {
  const kind = options.fleets[runs[0]?.fleet ?? -1];
  if (kind === undefined) return [];
  const performed: Performed[] = [];
  let fleet = await Fleet.open({ ...options, kind });
  try {
    for (const run of runs) {
      if (options.signal?.aborted) break;
      const one = await perform(run, fleet);
      performed.push(one);
      options.onPerformed?.(one);
      // What is wrong there is not to be found again after each of the others.
      if (one.wrong.length > 0) fleet = await another(fleet, { ...options, kind });
    }
  } finally {
    await fleet.close();
  }
  return performed;
}

async function another(fleet: Fleet, options: FleetOptions): Promise<Fleet> {
  await fleet.close();
  return Fleet.open(options);
}
