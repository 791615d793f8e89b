import pg from 'pg';
import { migrate } from '../../src/database.ts';

/** Every fresh database is a copy of this one, migrated once. */
export const TEMPLATE = 'issue_intake_template';

/** Makes the template. Nothing may stay connected to it: PostgreSQL copies only a database at rest. */
export async function makeTemplate(serverUrl: string): Promise<void> {
  await execute(serverUrl, `CREATE DATABASE ${TEMPLATE}`);
  await migrate(databaseUrl(serverUrl, TEMPLATE));
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
