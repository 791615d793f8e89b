import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { banner } from './banner.ts';
import type { StartConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { addDemoData, DEMO_USERS } from './demo-data.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { Figures } from './figures/figures.ts';
import { WebhookFigures } from './figures/webhook-figures.ts';
import { migrateAll } from './migrate-all.ts';
import { runApi } from './run-api.ts';
import { openCourier } from './run-webhooks.ts';
import { runWorker } from './run-worker.ts';
import type { Shutdown } from './shutdown.ts';
import type { Tracing } from './tracing.ts';

const DATA_FOLDER = '.data';

/** Runs everything in one process, on an embedded PostgreSQL unless told otherwise, with demo data. */
export async function runAll(
  config: Omit<StartConfig, 'tracing'> & { readonly tracing: Tracing | undefined },
  log: Logger,
  shutdown: Shutdown,
): Promise<void> {
  const databaseUrl = config.databaseUrl ?? (await embedded(log, shutdown));
  const queueUrl = config.queueUrl ?? databaseUrl;
  await migrateAll({ databaseUrl, queueUrl, log });
  const orm = openDatabase(databaseUrl);
  shutdown.add(() => orm.close());
  await addDemoData(orm);

  // To try it out, any queue will do; what is wrong with it is in the log.
  const refuseVolatile = false;
  const figures = new Figures('all');
  const both = { ...config, queueUrl, refuseVolatile, orm, figures, log, shutdown };
  const workersAreReady = await runWorker(both);
  const told = new WebhookFigures();
  await openCourier(both, told);
  const { key, issuer, audience } = config.tokens;
  // Whoever can reach the port may sign in as anybody: for a demonstration, and only here.
  const devSignIn = 'secret' in key ? { secret: key.secret, issuer, audience, users: DEMO_USERS } : undefined;
  const address = await runApi({
    ...both,
    workersAreReady,
    told,
    ...(devSignIn === undefined ? {} : { devSignIn }),
  });
  process.stdout.write(banner({ address, admin: config.admin, signIn: devSignIn !== undefined }));
}

async function embedded(log: Logger, shutdown: Shutdown): Promise<string> {
  await mkdir(DATA_FOLDER, { recursive: true });
  const postgres = await startEmbeddedPostgres({
    dataDir: `${DATA_FOLDER}/postgres`,
    log: line => log.info(line),
  });
  shutdown.add(() => postgres.stop());
  return postgres.url;
}
