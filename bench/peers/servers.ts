import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { reapAfterDeath } from '../../test/support/reaper.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { makeTempFolder, removeTempFolder } from '../../test/support/temp-folder.ts';
import { databaseUrl, execute, makeTemplate, TEMPLATE } from '../../test/support/template-database.ts';
import type { Services } from './peer.ts';

/** As the documentation of BullMQ advises for production: everything kept, on disk within a second. */
export const REDIS_SETTINGS = { appendonly: 'yes', appendfsync: 'everysec' } as const;

/** What is committed is on disk. The sizes are those of `npm run bench`. */
export const POSTGRES_SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  max_connections: '200',
} as const;

/** A Redis and a PostgreSQL of the benchmark's own, on free ports. */
export interface Servers {
  /** A database and a Redis database that nothing else has used. */
  freshServices(): Promise<Services>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    const redis = await startRedis({ appendonly: true, args: ['--appendfsync', REDIS_SETTINGS.appendfsync] });
    stops.push(redis.stop);
    const postgresUrl = await startPostgres(stops);
    let runs = 0;
    const freshServices = async (): Promise<Services> => {
      const name = `peers_${++runs}`;
      await execute(postgresUrl, `create database ${name} template ${TEMPLATE}`);
      return { databaseUrl: databaseUrl(postgresUrl, name), redisUrl: `${redis.url}/${runs}` };
    };
    return { freshServices, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPostgres(stops: (() => Promise<void>)[]): Promise<string> {
  const folder = await makeTempFolder('peers');
  const endWatch = reapAfterDeath(folder, ['data/cluster/postmaster.pid']);
  stops.push(async () => {
    endWatch();
    await removeTempFolder(folder);
  });
  const postgres = await startEmbeddedPostgres({ dataDir: `${folder}/data`, settings: POSTGRES_SETTINGS });
  stops.push(postgres.stop);
  await makeTemplate(postgres.url);
  return postgres.url;
}
