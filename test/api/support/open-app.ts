import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type AppOptions, buildApp } from '../../../src/api/app.ts';
import { openDatabase } from '../../../src/database.ts';
import { freshDatabase } from '../../support/services.ts';
import { FakeIntake } from './fake-intake.ts';
import { SECRET } from './tokens.ts';

/** Nothing listens on port 1. */
const NOWHERE = 'postgres://127.0.0.1:1/nowhere';

/** The API of one test, on an intake in memory; its database is away, unless one is given. */
export async function openApp(options: Partial<AppOptions> & { databaseUrl?: string } = {}) {
  const { databaseUrl = NOWHERE, ...rest } = options;
  const intake = new FakeIntake();
  const orm = openDatabase(databaseUrl);
  const app: FastifyInstance = await buildApp({
    intake,
    orm,
    log: pino({ level: 'silent' }),
    tokens: { key: { secret: SECRET } },
    ...rest,
  });
  onTestFinished(async () => {
    await app.close();
    await orm.close();
  });
  return { app, intake, orm };
}

/** The same on a migrated, empty database. */
export async function openAppWithDatabase(options: Partial<AppOptions> = {}) {
  const { url } = await freshDatabase();
  return { ...(await openApp({ ...options, databaseUrl: url })), databaseUrl: url };
}
