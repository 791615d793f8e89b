import type { MikroORM } from '@mikro-orm/postgresql';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { DatabaseUnavailableError } from '../errors.ts';
import { within } from '../within.ts';

/** A client is told 503 rather than kept waiting for a database that does not answer. */
export const READ_TIMEOUT_MS = 3_000;

export type Read<T> = (orm: MikroORM, parameters: readonly unknown[], timeoutMs?: number) => Promise<T[]>;

/**
 * Makes a read of the API: fixed SQL, and what its rows look like. The API's
 * statements are its own and their parameters are checked before, so whatever the
 * database answers but rows is the database's state: away, full, not migrated.
 *
 * @returns a function that throws DatabaseUnavailableError
 */
export function defineRead<Row extends TSchema>(sql: string, row: Row): Read<Static<Row>> {
  const parser = Compile(row);
  return async (orm, parameters, timeoutMs = READ_TIMEOUT_MS) => {
    const rows = await query(orm, sql, parameters, timeoutMs);
    return rows.map(each => parser.Parse(each));
  };
}

async function query(orm: MikroORM, sql: string, parameters: readonly unknown[], timeoutMs: number) {
  try {
    return await within(timeoutMs, orm.em.getConnection().execute(sql, parameters));
  } catch (cause) {
    throw new DatabaseUnavailableError({ cause });
  }
}
