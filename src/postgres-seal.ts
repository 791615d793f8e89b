import pg from 'pg';
import { type Epoch, laneQueuePattern } from './lanes.ts';

/*
 * On PostgreSQL lanes are sealed by a trigger on BullMQ's table of jobs: of
 * version 6.7.0. To create it waits for all who write to the table, and makes
 * those that come wait: after it, no job is on its way that it has not seen. Its
 * condition is in the table's own plan, so other lanes pay for one comparison.
 */

/** Of a class that PostgreSQL leaves to others. */
const SEALED = 'LS001';

/** Those who add wait as long as we do; they have 900 ms. */
const LOCK_TIMEOUT = '700ms';

/** Any number will do: one seal at a time. */
const SEALS_CLASS = 7_470_023;

const REFUSE = `
  create or replace function refuse_sealed_lane() returns trigger language plpgsql as $$
  begin
    raise exception 'the lane % is sealed', new.queue using errcode = '${SEALED}';
  end $$`;

/**
 * Seals an epoch's lanes, unless they are.
 *
 * @param pool its connections find BullMQ's tables without a schema's name
 * @throws when somebody writes for longer than 0.7 s, as an autovacuum does: try again
 */
export async function sealLanes(pool: pg.Pool, epoch: Epoch): Promise<void> {
  const name = `sealed_lanes_${epoch.lanes}_e${epoch.number}`;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('select pg_advisory_xact_lock($1, 0)', [SEALS_CLASS]);
    if (!(await isThere(client, name))) {
      await client.query(REFUSE);
      await client.query(
        `create trigger ${name} before insert on job for each row
           when (new.queue like '${laneQueuePattern(epoch)}') execute function refuse_sealed_lane()`,
      );
    }
    await client.query('commit');
    client.release();
  } catch (error) {
    // With whatever it was in the middle of.
    client.release(true);
    throw error;
  }
}

/** Whether an error is that of a sealed lane. */
export function isSealed(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === SEALED;
}

async function isThere(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_trigger where tgrelid = 'job'::regclass and tgname = $1`,
    [name],
  );
  return rowCount === 1;
}
