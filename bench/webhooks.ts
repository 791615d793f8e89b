import { tmpdir } from 'node:os';
import { openLanes } from './backlog.ts';
import { drain } from './drain.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { type Child, startChild, until } from './system/child.ts';
import { type Stores, startWebhooks, startWorker } from './system/roles.ts';
import type { Services } from './system/services.ts';
import { submissions } from './workload.ts';

/*
 * What telling organizations costs the lanes: the apply figure of one worker
 * process with nobody to tell, with every organization told but nobody who does
 * it, and with everything on this machine.
 */

const USERS = 5000;

interface Case {
  readonly id: string;
  readonly title: string;
  readonly endpoints: boolean;
  readonly told: boolean;
}

const CASES: readonly Case[] = [
  { id: 'none', title: 'no endpoints', endpoints: false, told: false },
  { id: 'outbox', title: 'one for each organization, no process that tells', endpoints: true, told: false },
  { id: 'told', title: 'one for each organization, told on this machine', endpoints: true, told: true },
];

export const webhooks: Measurement = {
  name: 'webhooks',
  steps: options => options.rounds * CASES.length,
  async run(bench) {
    const figures = new Figures();
    await inTurn(bench.options.rounds, CASES, async (each, round) => {
      bench.step(`webhooks ${round}: ${each.title}`);
      await applyOnce(bench, each, figures);
    });
    for (const { id } of CASES) {
      const part = figures.median(`webhooks.${id}`) / figures.median('webhooks.none');
      figures.add(`webhooks.${id}.part`, '%', 100 * part);
    }
    return { name: 'webhooks', tables: [TABLE], figures: figures.all };
  },
};

async function applyOnce(bench: Bench, { id, endpoints, told }: Case, figures: Figures): Promise<void> {
  const { services, options } = bench;
  const { queued, warmUp, applySeconds: seconds } = options.sizes;
  const stores = { databaseUrl: await services.reset(USERS), queueUrl: services.redisUrl };
  const backlog = await openLanes(services.redisUrl);
  await backlog.add(submissions(queued, USERS));
  const receiver = await startReceiver();
  if (endpoints) await addEndpoints(services, portOf(receiver));
  const courier = told ? await startCourier(stores) : undefined;
  const worker = startWorker(stores);
  try {
    const { perSecond, cpu } = await drain(backlog, queued, [worker], services, { warmUp, seconds });
    figures.add(`webhooks.${id}`, '/s', perSecond);
    for (const [part, spent] of Object.entries(cpu))
      figures.add(`webhooks.${id}.cpu.${part}`, 'µs', spent * 1e6);
    if (courier !== undefined)
      figures.add('webhooks.delivered', '/s', await deliver(services, courier, worker));
  } finally {
    await Promise.all([worker, receiver, courier].map(child => child?.stop()));
    await backlog.close();
  }
}

/** To start takes a second of processor time, which is not what is measured. */
async function startCourier(stores: Stores): Promise<Child> {
  const courier = startWebhooks(stores);
  await until([courier], async () => courier.output().includes('telling organizations'));
  return courier;
}

async function startReceiver(): Promise<Child> {
  const receiver = startChild(['bench/webhooks/receiver.ts'], {}, tmpdir());
  await until([receiver], async () => receiver.output().includes('listening on'));
  return receiver;
}

function portOf(receiver: Child): string {
  return /listening on (\d+)/.exec(receiver.output())?.[1] ?? '';
}

/** Every other one is told in order. */
async function addEndpoints(services: Services, port: string): Promise<void> {
  await services.ask(
    `insert into webhook_endpoints (organization_id, url, ordered, secret)
     select id, 'http://127.0.0.1:${port}/', row_number() over (order by id) % 2 = 0,
            'whsec_' || encode(sha256(id::text::bytea), 'base64')
       from organizations`,
  );
}

/** When the lanes are at rest. @returns how many outcomes are told a second, of those that are left */
async function deliver(services: Services, courier: Child, worker: Child): Promise<number> {
  await worker.end('SIGTERM');
  const before = { left: await left(services), at: performance.now() };
  await until([courier], async () => (await left(services)) === 0);
  return before.left / ((performance.now() - before.at) / 1000);
}

async function left(services: Services): Promise<number> {
  const [row] = await services.ask(
    `select (select count(*) from webhook_deliveries) +
            (select coalesce(sum(jsonb_array_length(outcomes)), 0) from outbox) as n`,
  );
  return Number(row?.n);
}

const TABLE: Table = {
  title: 'Submissions applied per second by one worker process, 5,000 known users',
  head: ['endpoints', 'applied', 'of the first', 'told, when the lanes are at rest'],
  rows: CASES.map(({ id, title, told }) => [
    title,
    `{webhooks.${id}}`,
    `{webhooks.${id}.part}`,
    told ? '{webhooks.delivered}' : '–',
  ]),
};
