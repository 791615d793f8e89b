import { openLanes } from './backlog.ts';
import { drain } from './drain.ts';
import { generate } from './load/start-generator.ts';
import type { Bench, Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { cpuSeconds } from './system/processor-time.ts';
import { type Api, SECRET, startApi, startWorker } from './system/roles.ts';
import { submissions } from './workload.ts';

/*
 * What production adds to the pipeline itself: the rate limit, the counting and
 * who reads it, security headers, a log line for each request and submission.
 */

interface Case {
  readonly id: 'off' | 'on';
  readonly preload: readonly string[];
  readonly env: Record<string, string>;
}

const OFF: Case = {
  id: 'off',
  preload: ['--import', './bench/rivals/without-extras.ts'],
  env: { RATE_LIMIT: 'off', METRICS_PORT: 'off', LOG_LEVEL: 'warn' },
};
const ON: Case = { id: 'on', preload: [], env: {} };
const CASES = [OFF, ON];

const USERS = 5000;
const CONNECTIONS = 64;

/** The two are loaded in turn: what changes on the machine from second to second meets both. */
const PAIRS = 10;
const LOAD_SECONDS = 1.5;
const WARM_UP_SECONDS = 0.3;
/** Until its code is compiled a process takes up to three times the processor for a request. */
const HOT_AFTER_SECONDS = 6;

export const extras: Measurement = {
  name: 'extras',
  steps: ({ rounds }) => rounds * (1 + CASES.length),
  async run(bench) {
    const figures = new Figures();
    for (let round = 1; round <= bench.options.rounds; round++) {
      bench.step(`extras ${round}: intake, off and on`);
      await accept(bench, figures);
      for (const each of CASES) {
        bench.step(`extras ${round}: apply, ${each.id}`);
        await apply(bench, each, figures);
      }
    }
    addCost(figures, 'apply', figures.median('extras.apply.off'), figures.median('extras.apply.on'));
    return { name: 'extras', tables: [TABLE], figures: figures.all };
  },
};

function addCost(figures: Figures, what: string, off: number, on: number): void {
  figures.add(`extras.${what}.cost`, '%', 100 * (1 - on / off));
}

async function accept({ services }: Bench, figures: Figures): Promise<void> {
  const stores = { databaseUrl: await services.reset(), queueUrl: services.redisUrl };
  const start = ({ preload, env }: Case) => startApi(stores, [...preload, 'src/main.ts', 'api'], env);
  const apis = { off: await start(OFF), on: await start(ON) };
  try {
    for (const api of Object.values(apis)) await load(api, HOT_AFTER_SECONDS);
    for (let pair = 0; pair < PAIRS; pair++) {
      const rates = { off: 0, on: 0 };
      // Neither is always the first.
      for (const { id } of pair % 2 === 0 ? CASES : CASES.toReversed()) {
        rates[id] = await measureLoad(apis[id], id, figures);
      }
      addCost(figures, 'intake', rates.off, rates.on);
    }
  } finally {
    await Promise.all(Object.values(apis).map(api => api.process.stop()));
  }
}

/** @returns how many requests were accepted in a second */
async function measureLoad(api: Api, id: Case['id'], figures: Figures): Promise<number> {
  let before = 0;
  const perSecond = await load(api, LOAD_SECONDS, () => {
    before = cpuSeconds(api.process.pid);
  });
  const spent = cpuSeconds(api.process.pid) - before;
  figures.add(`extras.intake.${id}`, '/s', perSecond);
  figures.add(`extras.intake.${id}.cpu`, 'µs', (1e6 * spent) / (perSecond * LOAD_SECONDS));
  return perSecond;
}

async function load({ port, process }: Api, seconds: number, onMeasuring?: () => void): Promise<number> {
  const target = { port, secret: SECRET, connections: CONNECTIONS };
  const warmUpSeconds = WARM_UP_SECONDS;
  const [result] = await generate(
    { kind: 'closed', target, warmUpSeconds, seconds, users: USERS, inFlight: CONNECTIONS },
    [process],
    onMeasuring,
  );
  if (result === undefined) throw new Error('no result');
  return result.perSecond;
}

async function apply({ services, options }: Bench, { id, preload, env }: Case, figures: Figures) {
  const { queued, warmUp, applySeconds } = options.sizes;
  const stores = { databaseUrl: await services.reset(USERS), queueUrl: services.redisUrl };
  const backlog = await openLanes(stores.queueUrl);
  await backlog.add(submissions(queued, USERS));
  const worker = startWorker(stores, [...preload, 'src/main.ts', 'worker'], env);
  try {
    const limits = { warmUp, seconds: applySeconds };
    const { perSecond, cpu } = await drain(backlog, queued, [worker], services, limits);
    figures.add(`extras.apply.${id}`, '/s', perSecond);
    figures.add(`extras.apply.${id}.cpu`, 'µs', 1e6 * cpu.workers);
  } finally {
    await worker.stop();
    await backlog.close();
  }
}

const TABLE: Table = {
  title: `All of it off and on, ${USERS.toLocaleString('en-US')} known users, one process`,
  head: ['', 'off', 'on', 'costs', 'CPU of the process, each: off', 'on'],
  rows: [
    ['accepted, 64 connections', ...cells('intake')],
    ['applied', ...cells('apply')],
  ],
};

function cells(what: string): string[] {
  return ['off', 'on', 'cost', 'off.cpu', 'on.cpu'].map(figure => `{extras.${what}.${figure}}`);
}
