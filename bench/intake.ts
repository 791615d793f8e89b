import { type Backlog, openLanes } from './backlog.ts';
import type { Latency, StreamResult } from './load/messages.ts';
import { generate } from './load/start-generator.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { cpuSeconds } from './system/processor-time.ts';
import { type Api, SECRET, startApi } from './system/roles.ts';

/*
 * Requests a second over HTTP, each of a user with a token, each answer checked;
 * then latencies at half of that. No worker runs: this is the door alone.
 */

const APIS = [
  { id: 'bare', title: 'the bare route', program: ['bench/rivals/bare-api.ts'], queues: false },
  {
    id: 'queue-add',
    title: '`queue.add` per request',
    program: ['bench/rivals/queue-add-api.ts'],
    queues: true,
  },
  { id: 'ours', title: 'ours', program: ['src/main.ts', 'api'], queues: true },
];

const USERS = 5000;
const CONNECTIONS = 64;

export const intake: Measurement = {
  name: 'intake',
  steps: ({ rounds }) => rounds * APIS.length,
  async run(bench) {
    const figures = new Figures();
    await inTurn(bench.options.rounds, APIS, async (api, round) => {
      bench.step(`intake ${round}: ${api.title}`);
      await measureApi(bench, api, figures);
    });
    for (const { id } of APIS) {
      figures.add(
        `intake.${id}.part`,
        '%',
        (100 * figures.median(`intake.${id}`)) / figures.median('intake.bare'),
      );
    }
    return { name: 'intake', tables: [TABLE], figures: figures.all };
  },
};

async function measureApi(bench: Bench, { id, program, queues }: (typeof APIS)[number], figures: Figures) {
  const { services } = bench;
  const databaseUrl = await services.reset();
  const lanes = await openLanes(services.redisUrl);
  const api = await startApi({ databaseUrl, queueUrl: services.redisUrl }, program);
  try {
    const full = await fullSpeed(bench, api, id, figures);
    addLatency(figures, `intake.${id}.full`, full.answer);
    const half = await halfSpeed(bench, api, full.perSecond / 2);
    addLatency(figures, `intake.${id}.half`, half.answer);
    await expectQueued(lanes, queues ? full.accepted + half.accepted : 0);
  } finally {
    await api.process.stop();
    await lanes.close();
  }
}

async function fullSpeed(bench: Bench, api: Api, id: string, figures: Figures): Promise<StreamResult> {
  const { loadSeconds, loadWarmUpSeconds } = bench.options.sizes;
  const cpu = () => ({ api: cpuSeconds(api.process.pid), redis: cpuSeconds(bench.services.redisPid) });
  let before = cpu();
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
      before = cpu();
    },
  );
  const after = cpu();
  if (result === undefined) throw new Error('no result');
  const answers = result.perSecond * loadSeconds;
  figures.add(`intake.${id}`, '/s', result.perSecond);
  figures.add(`intake.${id}.cpu.api`, 'µs', (1e6 * (after.api - before.api)) / answers);
  figures.add(`intake.${id}.cpu.redis`, 'µs', (1e6 * (after.redis - before.redis)) / answers);
  return result;
}

async function halfSpeed(bench: Bench, api: Api, rate: number): Promise<StreamResult> {
  const { loadSeconds, loadWarmUpSeconds } = bench.options.sizes;
  const [result] = await generate(
    {
      kind: 'open',
      target: { port: api.port, secret: SECRET, connections: CONNECTIONS },
      warmUpSeconds: loadWarmUpSeconds / 2,
      seconds: loadSeconds / 2,
      streams: [{ name: 'all', rate, users: USERS, firstUser: 0, mayBeLimited: false }],
    },
    [api.process],
  );
  if (result === undefined) throw new Error('no result');
  return result;
}

/** An answer of 202 is a promise: each must be in its lane. */
async function expectQueued(lanes: Backlog, accepted: number): Promise<void> {
  const queued = await lanes.remaining();
  if (queued !== accepted) throw new Error(`${accepted} submissions were accepted, ${queued} are queued`);
}

export function addLatency(figures: Figures, id: string, { p50, p95, p99 }: Latency): void {
  figures.add(`${id}.p50`, 'ms', p50);
  figures.add(`${id}.p95`, 'ms', p95);
  figures.add(`${id}.p99`, 'ms', p99);
}

const TABLE: Table = {
  title: `Requests answered, ${CONNECTIONS} connections, ${USERS.toLocaleString('en-US')} users`,
  head: ['', 'per second', 'of the bare route', 'p50 at half of it', 'p95', 'p99', 'p99 at full speed'],
  rows: APIS.map(({ id, title }) => [
    title,
    `{intake.${id}}`,
    `{intake.${id}.part}`,
    ...['p50', 'p95', 'p99'].map(p => `{intake.${id}.half.${p}}`),
    `{intake.${id}.full.p99}`,
  ]),
};
