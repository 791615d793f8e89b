import type pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Charge, type Charged, ROUNDING } from './rate-limit.ts';

/*
 * Unlogged: what is lost in a crash of the server is a few seconds' count. The
 * server's clock counts, so the processes' need not agree.
 */

const TABLE = 'intake_rate_limits';

const SWEEP_EVERY_MS = 60_000;

/** Makes the table in the store's schema. Safe to run from several processes at once. */
export async function createRateLimits(client: pg.Client, schema: string): Promise<void> {
  // Two that create one table at once would trip over each other, even with `if not exists`.
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock(hashtext($1))', [TABLE]);
  await client.query(`
    create unlogged table if not exists ${schema}.${TABLE} (
      user_id text primary key,
      empty_at double precision not null,
      level double precision not null,
      granted integer not null
    )`);
  await client.query('commit');
}

const NOW = 'extract(epoch from clock_timestamp())::double precision';

/** In seconds. The row is locked meanwhile, and read again if another had it first. */
const CHARGE = `
  update ${TABLE} as bucket
  set (empty_at, level, granted) = (
    select seen.now + (seen.level + has.granted) / $2::double precision, seen.level + has.granted, has.granted
    from (
      select moment.now, greatest(0, bucket.empty_at - moment.now) * $2::double precision + $4::double precision as level
      from (select ${NOW} as now) as moment
    ) as seen,
    lateral (
      select least($5::integer, greatest(0, floor($3::double precision - seen.level + ${ROUNDING})))::integer as granted
    ) as has
  )
  where user_id = $1
  returning granted, level`;

const ADD_EMPTY = `insert into ${TABLE} values ($1, 0, 0, 0) on conflict do nothing`;

const Rows = Type.Array(Type.Object({ granted: Type.Integer(), level: Type.Number() }));

/** @throws the store's error */
export async function chargeInPostgres(pool: pg.Pool, userId: string, charge: Charge): Promise<Charged> {
  const { limit, debt, wanted } = charge;
  const parameters = [userId, limit.perSecond, limit.burst, debt, wanted];
  for (;;) {
    const { rows } = await pool.query({ name: 'charge', text: CHARGE, values: parameters });
    const [charged] = Value.Parse(Rows, rows);
    if (charged !== undefined) return charged;
    await pool.query(ADD_EMPTY, [userId]);
  }
}

/** Takes the empty buckets out, again and again. @returns the timer, for the caller to clear */
export function startRateLimitSweep(pool: pg.Pool): NodeJS.Timeout {
  // One that fails is made up for by the next.
  const sweep = () => pool.query(`delete from ${TABLE} where empty_at < ${NOW}`).catch(() => {});
  return setInterval(sweep, SWEEP_EVERY_MS);
}
