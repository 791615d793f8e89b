import type { Logger } from 'pino';
import { migrate } from './database.ts';
import { migratePostgresStore } from './postgres-store.ts';
import { isPostgresUrl } from './queue-store.ts';

/** Brings our tables and, where the queue store is PostgreSQL, BullMQ's to the current schema. */
export async function migrateAll(options: {
  databaseUrl: string;
  queueUrl: string;
  log: Logger;
}): Promise<void> {
  const { databaseUrl, queueUrl, log } = options;
  const ran = await migrate(databaseUrl);
  if (isPostgresUrl(queueUrl)) await migratePostgresStore(queueUrl);
  log.info({ ran }, 'the database has the current schema');
}
