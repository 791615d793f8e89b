import {
  type Config,
  readApiConfig,
  readMigrateConfig,
  readStartConfig,
  readWorkerConfig,
} from './config.ts';
import { readAuditConfig } from './config-audit.ts';
import { readImportConfig } from './config-import.ts';
import { readLanesConfig } from './config-lanes.ts';
import { readRedriveConfig } from './config-redrive.ts';
import { readWebhooksConfig } from './config-webhooks.ts';
import { openDatabase } from './database.ts';
import { ConfigError } from './environment.ts';
import { messageOf } from './errors.ts';
import { IMPORT_HELP } from './import-arguments.ts';
import { isForPeople, openLog } from './log.ts';
import { migrateAll } from './migrate-all.ts';
import { REDRIVE_HELP } from './redrive/arguments.ts';
import { LANES_HELP } from './resize/arguments.ts';
import { runAll } from './run-all.ts';
import { runApi } from './run-api.ts';
import { runAudit } from './run-audit.ts';
import { runImport } from './run-import.ts';
import { runLanes } from './run-lanes.ts';
import { runRedrive } from './run-redrive.ts';
import { runWebhooks } from './run-webhooks.ts';
import { runWorker } from './run-worker.ts';
import { Shutdown } from './shutdown.ts';
import { loadTracing } from './tracing.ts';

/*
 * The composition root: environment -> configuration -> one role. The only file
 * that reads the environment, handles signals and ends the process.
 */

const ROLES = {
  start: readStartConfig,
  api: readApiConfig,
  worker: readWorkerConfig,
  webhooks: readWebhooksConfig,
  migrate: readMigrateConfig,
  audit: readAuditConfig,
  redrive: readRedriveConfig,
  import: readImportConfig,
  lanes: readLanesConfig,
};

const HELP = new Map<string | undefined, string>([
  ['redrive', REDRIVE_HELP],
  ['import', IMPORT_HELP],
  ['lanes', LANES_HELP],
]);

/** These end by themselves; the others run until they are told to stop. */
const ERRANDS: ReadonlySet<string> = new Set(['migrate', 'redrive', 'import', 'lanes']);

async function main(): Promise<void> {
  const [role, ...args] = process.argv.slice(2);
  const help = args.includes('--help') ? HELP.get(role) : undefined;
  if (help !== undefined) return void process.stdout.write(help);
  const config = readConfig(role, args);
  if (config.role === 'audit') process.exit(await runAudit(config, args, process));
  const log = openLog({ level: config.logLevel, pretty: isForPeople(process.env, process.stdout.isTTY) });
  const shutdown = new Shutdown(log);
  shutdown.listen(code => process.exit(code));
  try {
    await run(config, shutdown, log);
    if (ERRANDS.has(config.role)) process.exitCode = await shutdown.closeAll('done');
  } catch (error) {
    log.debug({ err: error }, 'start');
    process.stderr.write(`issue-intake ${config.role}: ${messageOf(error)}\n`);
    await shutdown.closeAll('could not start');
    process.exit(1);
  }
}

function readConfig(role: string | undefined, args: readonly string[]): Config {
  const read = Object.entries(ROLES).find(([name]) => name === role)?.[1];
  if (read === undefined) {
    process.stderr.write(`usage: node src/main.ts ${Object.keys(ROLES).join(' | ')}\n`);
    process.exit(2);
  }
  try {
    return read(process.env, args);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

async function run(
  config: Exclude<Config, { role: 'audit' }>,
  shutdown: Shutdown,
  log: ReturnType<typeof openLog>,
): Promise<void> {
  if (config.role === 'migrate') return migrateAll({ ...config, log });
  if (config.role === 'lanes') return runLanes({ ...config, log, shutdown, stdout: process.stdout });
  const tracing = 'tracing' in config ? await loadTracing(config.tracing, log) : undefined;
  // Closed last: whatever closes before it may still have something to tell.
  if (tracing !== undefined) shutdown.add(() => tracing.close());
  if (config.role === 'start') return runAll({ ...config, tracing }, log, shutdown);
  const orm = openDatabase(config.databaseUrl);
  shutdown.add(() => orm.close());
  if (config.role === 'redrive') return runRedrive({ ...config, orm, log, shutdown });
  if (config.role === 'webhooks') return runWebhooks({ ...config, orm, log, shutdown });
  if (config.role === 'import') return runImport({ ...config, orm, log, shutdown });
  if (config.role === 'worker') await runWorker({ ...config, orm, log, shutdown, tracing });
  else log.info({ address: await runApi({ ...config, orm, log, shutdown, tracing }) }, 'listening');
}

await main();
