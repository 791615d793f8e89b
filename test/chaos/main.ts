/**
 * `npm run chaos`: real processes under load and under fire, and an audit at the
 * end. Exit code 1 when anything was not as it has to be.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureRedis } from '../../scripts/bootstrap/redis.mjs';
import { run } from '../../scripts/bootstrap/run.mjs';
import { messageOf } from '../../src/errors.ts';
import { type CommandOptions, readOptions } from './options.ts';
import { markdownOf, textOf } from './report/markdown.ts';
import { Progress } from './report/progress.ts';
import type { Report } from './report/report.ts';
import { runChaos } from './run-chaos.ts';
import { installFaketime } from './system/clock.ts';

const RESULTS = path.join(import.meta.dirname, 'results');

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  // Never the Redis of REDIS_URL: this one is killed, filled and emptied.
  if ((await ensureRedis({ ...process.env, REDIS_URL: '' }, run)) !== 0) throw new Error('there is no Redis');
  await installFaketime();
  const { signal } = abortOnSignals();
  const file = options.out ?? path.join(RESULTS, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  process.stdout.write(`chaos: seed ${options.seed}, ${options.minutes} minutes\n`);

  const progress = new Progress(process.stdout);
  const report = await runChaos(options, {
    signal,
    onProgress: standing => progress.show(standing),
    onEnd: async ({ wrong }, { folder }) => {
      if (wrong.length > 0) await keepLogs(folder, options);
    },
  });
  progress.end();
  await write(file, report);
  process.stdout.write(`${textOf(report)}\n\nreport: ${file} and .md\n`);
  if (report.audit.histories !== '') process.stdout.write(`\n${report.audit.histories}\n`);
  process.exit(report.wrong.length === 0 ? 0 : 1);
}

/** The first signal ends the run in order, with all it has started; another one at once. */
function abortOnSignals(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error('interrupted')));
  }
  return controller;
}

async function write(file: string, report: Report): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(file.replace(/(\.json)?$/, '.md'), `${markdownOf(report)}\n`);
}

/** What the processes printed, to find out why. */
async function keepLogs(folder: string, { seed }: CommandOptions): Promise<void> {
  const kept = path.join(RESULTS, `logs-seed-${seed}`);
  await cp(folder, kept, { recursive: true });
  process.stdout.write(`\nthe logs of the processes: ${kept}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`\nchaos: ${messageOf(error)}\n`);
  process.exit(1);
});
