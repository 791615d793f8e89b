import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/embedded-postgres.ts';
import { reapAfterDeath } from './reaper.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

/** kill -9 of a server loses nothing that the kernel has; only a power cut would. */
const settings = { fsync: 'off' };

export interface EmbeddedPostgresTest {
  readonly folder: string;
  readonly dataDir: string;
  start(options?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres>;
}

/**
 * A folder for a PostgreSQL of the test's own, set up already unless it is to be
 * empty. Whatever was started there is stopped after the test.
 */
export async function setup({ empty = false } = {}): Promise<EmbeddedPostgresTest> {
  const folder = await makeTempFolder('embedded');
  const dataDir = path.join(folder, 'data');
  const endWatch = reapAfterDeath(folder, ['data/cluster/postmaster.pid']);
  if (!empty) await copyData(dataDir);
  const started: EmbeddedPostgres[] = [];
  onTestFinished(async () => {
    for (const postgres of started) await postgres.stop();
    await stopServer(dataDir);
    await removeTempFolder(folder);
    // Not before: a clean-up that failed is then made up for when this process ends.
    endWatch();
  });

  return {
    folder,
    dataDir,
    async start(options) {
      const postgres = await startEmbeddedPostgres({ dataDir, settings, ...options });
      started.push(postgres);
      return postgres;
    },
  };
}

/** Setting PostgreSQL up takes most of the time of a test, so it is done once and copied. */
let prepared: Promise<string> | undefined;

async function copyData(dataDir: string): Promise<void> {
  prepared ??= prepareData();
  // Node's own copy would not keep the owner, which matters to root.
  await promisify(execFile)('cp', ['-a', await prepared, dataDir]);
}

async function prepareData(): Promise<string> {
  const folder = await makeTempFolder('prepared');
  reapAfterDeath(folder, []);
  const dataDir = path.join(folder, 'data');
  await (await startEmbeddedPostgres({ dataDir, settings })).stop();
  return dataDir;
}

/** Stops what the owner could not stop any more, when a test failed half way. */
export async function stopServer(dataDir: string): Promise<void> {
  const pid = Number.parseInt(
    await readFile(path.join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').catch(() => ''),
    10,
  );
  if (pid > 0) process.kill(pid, 'SIGQUIT');
}
