import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { reapAfterDeath } from './reaper.ts';
import { checkRedis, releaseDatabases } from './redis-databases.ts';
import { startRedis } from './redis-server.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';
import { makeLanesTemplate, makeTemplate } from './template-database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The tests' PostgreSQL. Use `freshDatabase` rather than this. */
    postgresUrl: string;
    /** The tests' Redis, and this run's name on it. Use `freshRedisUrl` rather than these. */
    redisUrl: string;
    redisRun: string;
  }
}

type Stop = () => Promise<void>;

/** The data are thrown away, so nothing has to reach the disk. */
const FAST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '256MB',
};

const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/issue-intake', import.meta.url));

/** Starts one PostgreSQL and one Redis for all test files; what it returns stops them. */
export default async function setUp(project: TestProject): Promise<Stop> {
  const stops: Stop[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };

  // Half of what a process costs is to compile its sources; those of the tests inherit this.
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  try {
    project.provide('postgresUrl', await setUpPostgres(stops));
    const run = randomBytes(8).toString('hex');
    project.provide('redisUrl', await setUpRedis(stops, run));
    project.provide('redisRun', run);
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}

async function setUpPostgres(stops: Stop[]): Promise<string> {
  const folder = await makeTempFolder('postgres');
  const endWatch = reapAfterDeath(folder, ['data/cluster/postmaster.pid']);
  stops.push(async () => {
    endWatch();
    await removeTempFolder(folder);
  });

  const postgres = await startEmbeddedPostgres({ dataDir: `${folder}/data`, settings: FAST_SETTINGS });
  stops.push(postgres.stop);
  await makeTemplate(postgres.url);
  await makeLanesTemplate(postgres.url);
  return postgres.url;
}

async function setUpRedis(stops: Stop[], run: string): Promise<string> {
  const given = process.env.REDIS_URL;
  if (given) {
    console.log(`The tests use the Redis of REDIS_URL at ${new URL(given).host}.`);
    await checkRedis(given);
    stops.push(() => releaseDatabases(given, run));
    return given;
  }
  const redis = await startRedis();
  stops.push(redis.stop);
  return redis.url;
}
