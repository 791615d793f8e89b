import {
  type Config,
  readApiConfig,
  readMigrateConfig,
  readStartConfig,
  readWorkerConfig,
} from './config.ts';
import { openDatabase } from './database.ts';
import { ConfigError } from './environment.ts';
import { messageOf } from './errors.ts';
import { isForPeople, openLog } from './log.ts';
import { migrateAll } from './migrate-all.ts';
import { runAll } from './run-all.ts';
import { runApi } from './run-api.ts';
import { runWorker } from './run-worker.ts';
import { Shutdown } from './shutdown.ts';

/*
 * The composition root: environment -> configuration -> one role. The only file
 * that reads the environment, handles signals and ends the process.
 */

const ROLES = {
  start: readStartConfig,
  api: readApiConfig,
  worker: readWorkerConfig,
  migrate: readMigrateConfig,
};

async function main(): Promise<void> {
  const config = readConfig(process.argv[2]);
  const log = openLog({ level: config.logLevel, pretty: isForPeople(process.env, process.stdout.isTTY) });
  const shutdown = new Shutdown(log);
  shutdown.listen(code => process.exit(code));
  try {
    await run(config, shutdown, log);
    if (config.role === 'migrate') process.exitCode = await shutdown.closeAll('done');
  } catch (error) {
    log.debug({ err: error }, 'start');
    process.stderr.write(`issue-intake ${config.role}: ${messageOf(error)}\n`);
    await shutdown.closeAll('could not start');
    process.exit(1);
  }
}

function readConfig(role: string | undefined): Config {
  const read = Object.entries(ROLES).find(([name]) => name === role)?.[1];
  if (read === undefined) {
    process.stderr.write(`usage: node src/main.ts ${Object.keys(ROLES).join(' | ')}\n`);
    process.exit(2);
  }
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

async function run(config: Config, shutdown: Shutdown, log: ReturnType<typeof openLog>): Promise<void> {
  if (config.role === 'start') return runAll(config, log, shutdown);
  if (config.role === 'migrate') return migrateAll({ ...config, log });
  const orm = openDatabase(config.databaseUrl);
  shutdown.add(() => orm.close());
  if (config.role === 'worker') return runWorker({ ...config, orm, log, shutdown });
  log.info({ address: await runApi({ ...config, orm, log, shutdown }) }, 'listening');
}

await main();
