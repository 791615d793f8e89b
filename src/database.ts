import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { entities } from './entities/index.ts';
import { Migration0001Domain } from './entities/migrations/0001-domain.ts';

const SECOND = 1000;

/** Any number will do, as long as every version of this program uses the same. */
const MIGRATION_LOCK = 7_470_021;

/*
 * Limits, so that no connection waits for ever. The server ends a transaction
 * whose process has stopped (SIGSTOP, a lost machine): it holds locks that the
 * lane's next owner needs. The client gives up on a server that went silent.
 */
const CONNECTION_LIMITS = {
  connectionTimeoutMillis: 5 * SECOND,
  idle_in_transaction_session_timeout: 10 * SECOND,
  statement_timeout: 30 * SECOND,
  query_timeout: 35 * SECOND,
  keepAlive: true,
};

export interface DatabaseOptions {
  /** Most connections of this process. */
  readonly poolSize?: number;
}

/** Opens MikroORM on `url`. Connects when first used, so it never throws for a server that is away. */
export function openDatabase(url: string, { poolSize = 10 }: DatabaseOptions = {}): MikroORM {
  return new MikroORM({
    entities,
    clientUrl: url,
    pool: { min: 0, max: poolSize },
    driverOptions: { ...CONNECTION_LIMITS, onPoolCreated: releaseLostConnections },
    // A misspelled name must not become a new, empty database.
    ensureDatabase: false,
    extensions: [Migrator],
    migrations: {
      migrationsList: [{ name: '0001-domain', class: Migration0001Domain }],
      tableName: 'intake_migrations',
      snapshot: false,
      silent: true,
    },
    // The tables' foreign keys hold whatever writes to them; the identity map needs no second opinion.
    validateRequired: false,
  });
}

/**
 * Brings the database to the current schema. Safe to run from several processes
 * at once: they take turns on an advisory lock, and the late ones find nothing to do.
 *
 * @returns the names of the migrations that ran
 * @throws when the database cannot be reached or a migration fails; it is then left as it was
 */
export async function migrate(url: string): Promise<string[]> {
  return withMigrationLock(url, async () => {
    const orm = openDatabase(url);
    try {
      return (await orm.migrator.up()).map(({ name }) => name);
    } finally {
      await orm.close();
    }
  });
}

async function withMigrationLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work();
  } finally {
    // The lock is the session's: closing it gives the lock back.
    await client.end();
  }
}

/**
 * Kysely 0.29 gives a connection back only after a COMMIT or ROLLBACK that
 * worked: one that is lost in the middle of a transaction would count as used
 * for ever, and after as many as the pool has nothing could be done any more.
 */
function releaseLostConnections(pool: pg.Pool): void {
  pool.on('connect', client => {
    client.once('end', () => {
      try {
        client.release(true);
      } catch {
        // It was in the pool, which has thrown it away by itself.
      }
      client.release = () => {};
    });
  });
}
