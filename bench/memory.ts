import { setTimeout as sleep } from 'node:timers/promises';
import { openLanes } from './backlog.ts';
import { IN_FLIGHT, saturate } from './end-to-end.ts';
import type { Bench, Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import type { Child } from './system/child.ts';
import { residentBytes } from './system/processor-time.ts';
import { type Api, type Stores, startApi, startWorker } from './system/roles.ts';
import { submissions } from './workload.ts';

/*
 * Resident memory of an API and a worker process, and what a waiting submission
 * costs Redis. Once, not in rounds: memory varies little.
 */

const MIB = 2 ** 20;
const LOOK_EVERY_MS = 200;
const REST_MS = 3000;

export const memory: Measurement = {
  name: 'memory',
  steps: () => 3,
  async run(bench) {
    const { services, options } = bench;
    const figures = new Figures();
    const stores = { databaseUrl: await services.reset(), queueUrl: services.redisUrl };

    bench.step('memory: at rest and at full load');
    await withProcesses(stores, async (api, worker) => {
      await sleep(REST_MS);
      await watchPeak('rest', api.process, worker, figures, sleep(LOOK_EVERY_MS));
      const system = { port: api.port, processes: [], stores, inFlight: IN_FLIGHT };
      await watchPeak('load', api.process, worker, figures, saturate(system, options.sizes.loadSeconds, 1));
    });

    bench.step(`memory: queueing ${options.sizes.memoryQueued.toLocaleString('en-US')}`);
    await fill(bench, figures);

    bench.step('memory: with that queue');
    await withProcesses(stores, async (api, worker) => {
      await watchPeak('queued', api.process, worker, figures, sleep(options.sizes.loadSeconds * 1000));
    });
    return { name: 'memory', tables: [table(options.sizes.memoryQueued)], figures: figures.all };
  },
};

async function withProcesses(
  stores: Stores,
  work: (api: Api, worker: Child) => Promise<void>,
): Promise<void> {
  const api = await startApi(stores);
  const worker = startWorker(stores);
  try {
    await work(api, worker);
    worker.expectAlive();
    api.process.expectAlive();
  } finally {
    await Promise.all([api.process.stop(), worker.stop()]);
  }
}

/** The most that each is seen to hold while something goes on. */
async function watchPeak(
  id: string,
  api: Child,
  worker: Child,
  figures: Figures,
  going: Promise<unknown>,
): Promise<void> {
  let [mostApi, mostWorker] = [0, 0];
  const look = () => {
    mostApi = Math.max(mostApi, residentBytes(api.pid));
    mostWorker = Math.max(mostWorker, residentBytes(worker.pid));
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    await going;
  } finally {
    clearInterval(timer);
  }
  look();
  figures.add(`memory.api.${id}`, 'MiB', mostApi / MIB);
  figures.add(`memory.worker.${id}`, 'MiB', mostWorker / MIB);
}

async function fill({ services, options }: Bench, figures: Figures): Promise<void> {
  const { memoryQueued } = options.sizes;
  const lanes = await openLanes(services.redisUrl);
  const before = await usedBytes(services.redis);
  await lanes.add(submissions(memoryQueued, 50_000));
  figures.add(
    'memory.redis.submission',
    'bytes',
    ((await usedBytes(services.redis)) - before) / memoryQueued,
  );
  await lanes.close();
}

async function usedBytes(redis: Bench['services']['redis']): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

function table(queued: number): Table {
  const row = (title: string, id: string) => [
    title,
    ...['rest', 'load', 'queued'].map(at => `{memory.${id}.${at}}`),
  ];
  return {
    title: 'Resident memory; a waiting submission takes {memory.redis.submission} of Redis',
    head: ['process', 'at rest', 'at full load', `with ${queued.toLocaleString('en-US')} queued`],
    rows: [row('API', 'api'), row('worker', 'worker')],
  };
}
