import { Redis } from 'ioredis';
import pg from 'pg';
import { migrate } from '../../src/database.ts';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { migratePostgresStore } from '../../src/postgres-store.ts';
import { reapAfterDeath } from '../../test/support/reaper.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { makeTempFolder, removeTempFolder } from '../../test/support/temp-folder.ts';
import { KNOWN_USERS_SQL, ORGANIZATIONS_SQL } from './seed.ts';

/*
 * A Redis and a PostgreSQL of the benchmark's own, set as production sets them:
 * what is acknowledged is on the disk (PostgreSQL) or is within a second (Redis).
 */

const TEMPLATE = 'bench_template';

const POSTGRES_SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '200',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
};

export interface Services {
  readonly redisUrl: string;
  readonly redisPid: number;
  readonly postgresPid: number;
  /** For questions between measurements. */
  readonly redis: Redis;
  readonly versions: { readonly redis: string; readonly postgres: string };
  /** An empty Redis and a fresh database, whose URL it answers. `knownUsers` have been customers before. */
  reset(knownUsers?: number): Promise<string>;
  /** The rows of a question to the database that `reset` made last. */
  ask(sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const folder = await makeTempFolder('bench');
  const endWatch = reapAfterDeath(folder, ['data/cluster/postmaster.pid']);
  const postgres = await startEmbeddedPostgres({ dataDir: `${folder}/data`, settings: POSTGRES_SETTINGS });
  const server = await startRedis({ appendonly: true, args: ['--appendfsync', 'everysec'] });
  const redis = new Redis(server.url);
  const admin = await connect(postgres.url);
  await makeTemplate(admin, postgres.url);
  let database: pg.Client | undefined;
  let count = 0;

  return {
    redisUrl: server.url,
    redisPid: server.pid,
    postgresPid: await postmasterPid(admin),
    redis,
    versions: { redis: await redisVersion(redis), postgres: await postgresVersion(admin) },
    async reset(knownUsers = 0) {
      await database?.end();
      if (count > 0) await admin.query(`drop database bench_${count} with (force)`);
      await emptyRedis(redis);
      await admin.query(`create database bench_${++count} template ${TEMPLATE}`);
      const url = withDatabase(postgres.url, `bench_${count}`);
      database = await connect(url);
      for (const sql of knownUsers > 0 ? KNOWN_USERS_SQL : []) await database.query(sql, [knownUsers]);
      await database.query('vacuum analyze');
      await admin.query('checkpoint');
      return url;
    },
    async ask(sql, parameters = []) {
      if (database === undefined) throw new Error('there is no database before the first reset');
      return (await database.query<Record<string, unknown>>(sql, [...parameters])).rows;
    },
    async stop() {
      redis.disconnect();
      await database?.end();
      await admin.end();
      await Promise.all([server.stop(), postgres.stop()]);
      endWatch();
      await removeTempFolder(folder);
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Migrated for both queue stores, with organizations. */
async function makeTemplate(admin: pg.Client, serverUrl: string): Promise<void> {
  await admin.query(`create database ${TEMPLATE}`);
  const url = withDatabase(serverUrl, TEMPLATE);
  await migrate(url);
  await migratePostgresStore(url);
  const client = await connect(url);
  await client.query(ORGANIZATIONS_SQL);
  await client.end();
}

/** Without the log of what was there before, so that every measurement begins alike. */
async function emptyRedis(redis: Redis): Promise<void> {
  await redis.flushall();
  await redis.bgrewriteaof();
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence'))) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function postmasterPid(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ file: string }>(`select pg_read_file('postmaster.pid') as file`);
  return Number.parseInt(rows[0]?.file ?? '', 10);
}

async function redisVersion(redis: Redis): Promise<string> {
  return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
}

async function postgresVersion(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? 'unknown';
}
