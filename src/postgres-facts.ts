import type pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { PostgresFacts } from './durability.ts';

const Facts = Type.Object({
  fsync: Type.String(),
  synchronousCommit: Type.String(),
  synchronousStandbys: Type.String(),
});

const FACTS = `
  select current_setting('fsync') as fsync,
         current_setting('synchronous_commit') as "synchronousCommit",
         current_setting('synchronous_standby_names') as "synchronousStandbys"`;

/** What the server says of itself. @throws when it does not answer */
export async function readPostgresFacts(pool: pg.Pool): Promise<PostgresFacts> {
  const { rows } = await pool.query(FACTS);
  return Value.Parse(Facts, rows[0]);
}
