import { openLanes } from './backlog.ts';
import { drain } from './drain.ts';
import { generate } from './load/start-generator.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { cpuSeconds } from './system/processor-time.ts';
import { SECRET, startApi, startWorker } from './system/roles.ts';
import { submissions } from './workload.ts';

/*
 * What production adds to the pipeline itself: the rate limit, the counting and
 * who reads it, security headers, a log line for each request and submission.
 */

const WITHOUT = ['--import', './bench/rivals/without-extras.ts'];

const CASES = [
  { id: 'off', preload: WITHOUT, env: { RATE_LIMIT: 'off', METRICS_PORT: 'off', LOG_LEVEL: 'warn' } },
  { id: 'on', preload: [], env: {} },
] as const;

type Case = (typeof CASES)[number];

const USERS = 5000;
const CONNECTIONS = 64;

export const extras: Measurement = {
  name: 'extras',
  steps: ({ rounds }) => rounds * CASES.length * 2,
  async run(bench) {
    const figures = new Figures();
    await inTurn(bench.options.rounds, CASES, async (each, round) => {
      bench.step(`extras ${round}: intake, ${each.id}`);
      await accept(bench, each, figures);
      bench.step(`extras ${round}: apply, ${each.id}`);
      await apply(bench, each, figures);
    });
    for (const what of ['intake', 'apply']) {
      const part = figures.median(`extras.${what}.on`) / figures.median(`extras.${what}.off`);
      figures.add(`extras.${what}.cost`, '%', 100 * (1 - part));
    }
    return { name: 'extras', tables: [TABLE], figures: figures.all };
  },
};

async function accept({ services, options }: Bench, { id, preload, env }: Case, figures: Figures) {
  const { loadSeconds, loadWarmUpSeconds } = options.sizes;
  const stores = { databaseUrl: await services.reset(), queueUrl: services.redisUrl };
  const api = await startApi(stores, [...preload, 'src/main.ts', 'api'], env);
  let before = 0;
  try {
    const [result] = await generate(
      {
        kind: 'closed',
        target: { port: api.port, secret: SECRET, connections: CONNECTIONS },
        warmUpSeconds: loadWarmUpSeconds,
        seconds: loadSeconds,
        users: USERS,
        inFlight: CONNECTIONS,
      },
      [api.process],
      () => {
        before = cpuSeconds(api.process.pid);
      },
    );
    if (result === undefined) throw new Error('no result');
    figures.add(`extras.intake.${id}`, '/s', result.perSecond);
    const spent = cpuSeconds(api.process.pid) - before;
    figures.add(`extras.intake.${id}.cpu`, 'µs', (1e6 * spent) / (result.perSecond * loadSeconds));
  } finally {
    await api.process.stop();
  }
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
