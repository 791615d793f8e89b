import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { databaseUrl, execute } from './template-database.ts';

/** The URL of a new database without any tables. It goes with the server. */
export async function emptyDatabase(): Promise<string> {
  const serverUrl = inject('postgresUrl');
  const name = `empty_${randomBytes(8).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  return databaseUrl(serverUrl, name);
}
