/**
 * `npm run bench`: measures everything side by side on a Redis and a PostgreSQL
 * of its own. A whole run leaves its figures under bench/results, and writes
 * docs/performance.md's tables and the plot; any other leaves only figures,
 * under bench/results/tmp.
 */
import { ensureRedis } from '../scripts/bootstrap/redis.mjs';
import { run } from '../scripts/bootstrap/run.mjs';
import { messageOf } from '../src/errors.ts';
import { costOf } from './cost.ts';
import type { Measurement } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { writeDocument } from './report/document.ts';
import type { Results, Section } from './report/figures.ts';
import { writePlot } from './report/plot.ts';
import { Progress } from './report/progress.ts';
import { readResults, writeResults } from './report/results.ts';
import { showResults } from './report/show.ts';
import { describeMachine } from './system/machine.ts';
import { watchProcessor } from './system/others.ts';
import { type Services, startServices } from './system/services.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.render) return document(await readResults(options.from));

  const results = await measure(options, chosen(options));
  const whole = !options.quick && options.only === undefined && results.failures.length === 0;
  const file = await writeResults(results, whole);
  process.stdout.write(`${showResults(results)}\nfigures: ${file}\n`);
  if (whole) await document(results);
  for (const failure of results.failures) process.stderr.write(`FAILED ${failure}\n`);
  process.exitCode = results.failures.length === 0 ? 0 : 1;
}

function chosen({ only }: Options): Measurement[] {
  const unknown = only?.filter(name => !MEASUREMENTS.some(each => each.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(
      `there is no ${unknown.join(', ')}; there are ${MEASUREMENTS.map(m => m.name).join(', ')}`,
    );
  }
  return MEASUREMENTS.filter(({ name }) => only?.includes(name) ?? true);
}

async function measure(options: Options, measurements: readonly Measurement[]): Promise<Results> {
  const began = Date.now();
  const progress = new Progress(measurements.reduce((sum, { steps }) => sum + steps(options), 0));
  if ((await ensureRedis(process.env, run)) !== 0) throw new Error('there is no Redis to measure with');
  const services = await startServices();
  stopOnSignals(services);
  const bench = { services, options, step: (what: string) => progress.step(what) };
  const sections: Section[] = [];
  const failures: string[] = [];
  const endWatch = watchProcessor(services.postgresPid);
  let othersPercent = 0;
  try {
    for (const each of measurements) {
      // What the others have measured is not thrown away.
      await each.run(bench).then(
        section => sections.push(section),
        (error: unknown) => failures.push(`${each.name}: ${messageOf(error)}`),
      );
    }
  } finally {
    progress.end();
    othersPercent = endWatch();
    await services.stop();
  }
  const machine = describeMachine(services.versions, othersPercent);
  const cost = costOf(sections);
  if (cost !== undefined) sections.push(cost);
  const { quick, rounds } = options;
  const minutes = (Date.now() - began) / 60_000;
  return { date: new Date(began).toISOString(), quick, rounds, minutes, machine, sections, failures };
}

function stopOnSignals(services: Services): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void services.stop().finally(() => process.exit(130)));
  }
}

async function document(results: Results): Promise<void> {
  await writeDocument(results);
  await writePlot(results);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${messageOf(error)}\n\n${USAGE}\n`);
  process.exit(1);
});
