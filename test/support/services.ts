/** A PostgreSQL database and a Redis database of its own for each test that asks. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { claimDatabase } from './redis-databases.ts';
import { copyTemplate, databaseUrl, execute } from './template-database.ts';

export interface FreshDatabase {
  readonly url: string;
  /** Closes every connection to it and removes it. Leaving it is no harm: the server goes after the tests. */
  drop(): Promise<void>;
}

/**
 * A new, migrated, empty database that nobody else uses.
 *
 * @param options.holdsLanes whether it is to be the queue store as well
 */
export async function freshDatabase({ holdsLanes = false } = {}): Promise<FreshDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await copyTemplate(serverUrl, name, holdsLanes);
  return {
    url: databaseUrl(serverUrl, name),
    drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/**
 * The URL of an empty Redis database that nobody else uses. Publish/subscribe
 * channels are the whole server's: where their names could meet, use `startRedis`.
 */
export async function freshRedisUrl(): Promise<string> {
  return claimDatabase(inject('redisUrl'), inject('redisRun'));
}
