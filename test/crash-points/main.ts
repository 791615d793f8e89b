/**
 * `npm run crash-points`: many short runs in which a process kills itself at a
 * named point, each audited. Exit code 1 when anything was not as it has to be.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureRedis } from '../../scripts/bootstrap/redis.mjs';
import { run } from '../../scripts/bootstrap/run.mjs';
import { messageOf } from '../../src/errors.ts';
import { markdownOf, textOf } from './markdown.ts';
import { type CommandOptions, readOptions } from './options.ts';
import type { Performed } from './perform.ts';
import { FLEETS } from './plan.ts';
import { type Report, reportOf } from './report.ts';
import { runCrashPoints } from './run-crash-points.ts';
import { startTemplateServer } from './template-server.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  // Never the Redis of REDIS_URL: each fleet starts its own.
  if ((await ensureRedis({ ...process.env, REDIS_URL: '' }, run)) !== 0) throw new Error('there is no Redis');
  process.stdout.write(`crash points: seed ${options.seed}, ${options.runs} runs\n`);
  const report = await perform(options);
  if (options.out !== undefined) await write(options.out, report);
  process.stdout.write(`${textOf(report)}\n`);
  process.exit(report.failures === 0 ? 0 : 1);
}

async function perform({ runs, seed, points, fleets: count }: CommandOptions): Promise<Report> {
  const server = await startTemplateServer();
  const fleets = FLEETS.slice(0, count);
  const began = performance.now();
  try {
    const { signal } = abortOnSignals();
    const onPerformed = showProgress(runs);
    const { url: postgresUrl } = server;
    const performed = await runCrashPoints({ runs, seed, points, fleets, postgresUrl, signal, onPerformed });
    const minutes = Math.round((performance.now() - began) / 6000) / 10;
    return reportOf(performed, { date: new Date().toISOString(), seed, fleets, minutes });
  } finally {
    await server.stop();
  }
}

/** The first signal ends all in order; another one at once. */
function abortOnSignals(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller;
}

/** A line that rewrites itself on a terminal; elsewhere a line for each run. */
function showProgress(runs: number): (performed: Performed) => void {
  let done = 0;
  let failures = 0;
  return ({ point, kind, nth, wrong, recoveryMs }) => {
    if (wrong.length > 0) failures++;
    const facts = `${kind.store} with ${kind.workers}, ${point.name} at passing ${nth}, recovered in ${recoveryMs} ms`;
    const line = `${++done}/${runs}, ${failures} failures: ${facts}${wrong.length > 0 ? ' FAILED' : ''}`;
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${line}${done === runs ? '\n' : ''}` : `${line}\n`);
  };
}

async function write(file: string, report: Report): Promise<void> {
  const json = file.replace(/(\.(json|md))?$/, '.json');
  await mkdir(path.dirname(json), { recursive: true });
  await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(json.replace(/json$/, 'md'), `${markdownOf(report)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`\ncrash points: ${messageOf(error)}\n`);
  process.exit(1);
});
