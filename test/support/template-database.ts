import pg from 'pg';
import { migrate } from '../../src/database.ts';
import { migratePostgresStore } from '../../src/postgres-store.ts';

/** Fresh databases are copies of this one, migrated once. */
export const TEMPLATE = 'issue_intake_template';
/** The same with BullMQ's tables. */
const LANES_TEMPLATE = 'issue_intake_lanes_template';

/** Makes the template. Nothing may stay connected to it: PostgreSQL copies only a database at rest. */
export async function makeTemplate(serverUrl: string): Promise<void> {
  await execute(serverUrl, `CREATE DATABASE ${TEMPLATE}`);
  await migrate(databaseUrl(serverUrl, TEMPLATE));
}

/** Makes the other from it. */
export async function makeLanesTemplate(serverUrl: string): Promise<void> {
  await copyTemplate(serverUrl, LANES_TEMPLATE, false);
  await migratePostgresStore(databaseUrl(serverUrl, LANES_TEMPLATE));
}

/** To copy its files costs a quarter of what it costs to copy it page by page, through the log. */
export async function copyTemplate(serverUrl: string, name: string, holdsLanes: boolean): Promise<void> {
  const template = holdsLanes ? LANES_TEMPLATE : TEMPLATE;
  await execute(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
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
