import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../../src/errors.ts';
import type { Work } from './run-chaos.ts';
import { backlogOf, type Flushed } from './system/lane-keys.ts';
import { untilReady } from './system/ready.ts';
import { untilSo } from './system/until.ts';

/** Far longer than anything takes when all is well: only what hangs is to be noticed. */
const SETTLED_WITHIN_MS = 120_000;
const QUIET_WITHIN_MS = 180_000;
const READY_WITHIN_MS = 180_000;
const STAYS_QUIET_MS = 1000;

/**
 * Stops the load, waits until nothing is left to apply, and completes the ledger.
 *
 * @returns what did not come to rest
 */
export async function settle(work: Work): Promise<string[]> {
  const { system, load, poisoner, foreign, ledger, flushes } = work;
  await Promise.all([poisoner.stop(), foreign.stop()]);
  const problems: string[] = [];
  const expect = async (promise: Promise<unknown>) => {
    await promise.catch((error: unknown) => problems.push(messageOf(error)));
  };
  await expect(load.stop(SETTLED_WITHIN_MS));
  await expect(untilSo('nothing waits on the lanes', () => isQuiet(work), QUIET_WITHIN_MS));
  await expect(untilReady(system, READY_WITHIN_MS));
  for (const id of await lostBy(flushes, system.postgres.url)) ledger.lostByFlush.add(id);
  noteMissing(work);
  return problems;
}

async function isQuiet({ system: { redis } }: Work): Promise<boolean> {
  if ((await backlogOf(redis.control)) > 0) return false;
  await sleep(STAYS_QUIET_MS);
  return (await backlogOf(redis.control)) === 0;
}

/** What waited; and of what had been refused, that of which the database has no record either. */
async function lostBy(flushes: readonly Flushed[], databaseUrl: string): Promise<string[]> {
  const failed = flushes.flatMap(flush => flush.failed);
  const recorded = await recordedRefusals(failed, databaseUrl);
  return [...flushes.flatMap(flush => flush.queued), ...failed.filter(id => !recorded.has(id))];
}

async function recordedRefusals(ids: readonly string[], databaseUrl: string): Promise<Set<string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const refusals = await client.query<{ id: string }>(
      'select id::text as id from refusals where id::text = any ($1)',
      [ids],
    );
    return new Set(refusals.rows.map(({ id }) => id));
  } finally {
    await client.end();
  }
}

/** An accepted submission that a read did not find is an answer that must not be, unless a FLUSHALL took it. */
function noteMissing({ load, ledger }: Work): void {
  for (const { userId, raise, at } of load.missing) {
    if (raise.submissionId === undefined || ledger.lostByFlush.has(raise.submissionId)) continue;
    const detail = `the accepted submission ${raise.submissionId} was not found`;
    ledger.unexpected.push({ at, userId, key: raise.key, status: 404, detail });
  }
}
