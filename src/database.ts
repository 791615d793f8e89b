import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { connectionOptions } from './database-connections.ts';
import { entities } from './entities/index.ts';
import { Migration0001Domain } from './entities/migrations/0001-domain.ts';
import { Migration0002Refusals } from './entities/migrations/0002-refusals.ts';
import { Migration0003OrganizationIndexes } from './entities/migrations/0003-organization-indexes.ts';
import { Migration0004PrimaryOrganizationChanges } from './entities/migrations/0004-primary-organization-changes.ts';
import { Migration0005Webhooks } from './entities/migrations/0005-webhooks.ts';

/** Any number will do, as long as every version of this program uses the same. */
const MIGRATION_LOCK = 7_470_021;

/** A unit of work takes milliseconds; this is for one that waits for a lock. */
const LONGEST_STATEMENT_MS = 30_000;

export interface DatabaseOptions {
  /** Most connections of this process. */
  readonly poolSize?: number;
  /** Milliseconds that a statement may take; 0 for any. */
  readonly statementTimeoutMs?: number;
}

/** Opens MikroORM on `url`. Connects when first used, so it never throws for a server that is away. */
export function openDatabase(url: string, options: DatabaseOptions = {}): MikroORM {
  const { poolSize = 10, statementTimeoutMs = LONGEST_STATEMENT_MS } = options;
  const orm = new MikroORM({
    entities,
    clientUrl: url,
    pool: { min: 0, max: poolSize },
    // MikroORM takes host and name out of the URL, and silently leaves its sslmode: pg reads the whole of it.
    driverOptions: {
      connectionString: url,
      ...connectionOptions(statementTimeoutMs, pool => pools.set(orm, pool)),
    },
    // A misspelled name must not become a new, empty database.
    ensureDatabase: false,
    extensions: [Migrator],
    migrations: {
      migrationsList: [
        { name: '0001-domain', class: Migration0001Domain },
        { name: '0002-refusals', class: Migration0002Refusals },
        { name: '0003-organization-indexes', class: Migration0003OrganizationIndexes },
        { name: '0004-primary-organization-changes', class: Migration0004PrimaryOrganizationChanges },
        { name: '0005-webhooks', class: Migration0005Webhooks },
      ],
      tableName: 'intake_migrations',
      snapshot: false,
      silent: true,
    },
    // The tables' foreign keys hold whatever writes to them; the identity map needs no second opinion.
    validateRequired: false,
  });
  return orm;
}

/** Each is made when it is first used, deep inside MikroORM. */
const pools = new WeakMap<MikroORM, pg.Pool>();

/** Open connections, those of them that are idle, and requests that wait for one. */
export interface ConnectionCounts {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

export function connectionCounts(orm: MikroORM): ConnectionCounts {
  const pool = pools.get(orm);
  return { open: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 };
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
    // An index on a large table takes as long as it takes.
    const orm = openDatabase(url, { statementTimeoutMs: 0 });
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
