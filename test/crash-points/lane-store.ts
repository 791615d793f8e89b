import { Redis } from 'ioredis';
import pg from 'pg';
import { migratePostgresStore } from '../../src/postgres-store.ts';
import { backlogOf } from '../chaos/system/lane-keys.ts';
import { startRedis } from '../support/redis-server.ts';
import { databaseUrl, execute } from '../support/template-database.ts';
import { makeDatabase } from './domain-database.ts';

/** The queue store of one fleet, and a look into it that needs none of the product. */
export interface LaneStore {
  readonly url: string;
  /** How many jobs wait or are active. */
  backlog(): Promise<number>;
  close(): Promise<void>;
}

export async function openRedisLanes(): Promise<LaneStore> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  return {
    url: server.url,
    backlog: () => backlogOf(redis),
    async close() {
      redis.disconnect();
      await server.stop();
    },
  };
}

const BACKLOG = `select count(*)::int as backlog from bullmq.job
  where state in ('waiting', 'active') and queue like '{lane-%'`;

/** A database of its own: it must be there while that of the domain is away. */
export async function openPostgresLanes(serverUrl: string): Promise<LaneStore> {
  const name = await makeDatabase(serverUrl);
  const url = databaseUrl(serverUrl, name);
  await migratePostgresStore(url);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  return {
    url,
    async backlog() {
      const { rows } = await pool.query<{ backlog: number }>(BACKLOG);
      return rows[0]?.backlog ?? 0;
    },
    async close() {
      await pool.end();
      await execute(serverUrl, `drop database ${name} with (force)`);
    },
  };
}
