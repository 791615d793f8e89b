import { addLatency } from './intake.ts';
import type { StreamResult } from './load/messages.ts';
import { generate } from './load/start-generator.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import type { Child } from './system/child.ts';
import { SECRET, type Stores, startApi, startWorker } from './system/roles.ts';

/*
 * From when a request was due to when its issue was known to be committed, at a
 * constant rate of arrivals. The capacity comes first: senders who wait for
 * their issue before they send the next.
 */

const SHARES = [25, 50, 80];
const USERS = 5000;
const CONNECTIONS = 128;
/** Bounded, so that the capacity is what can last. */
export const IN_FLIGHT = 512;

export const endToEnd: Measurement = {
  name: 'end-to-end',
  steps: ({ rounds }) => rounds * (SHARES.length + 1),
  async run(bench) {
    const figures = new Figures();
    await inTurn(bench.options.rounds, ['end to end'], async (title, round) => {
      const databaseUrl = await bench.services.reset();
      const stores = { databaseUrl, queueUrl: bench.services.redisUrl };
      const api = await startApi(stores);
      const worker = startWorker(stores);
      const system = { port: api.port, processes: [api.process, worker], stores, inFlight: IN_FLIGHT };
      await measureEndToEnd(bench, system, 'end-to-end', figures, what =>
        bench.step(`${title} ${round}: ${what}`),
      );
    });
    return { name: 'end-to-end', tables: [latencyTable('end-to-end', TITLE)], figures: figures.all };
  },
};

const TITLE = 'From due to committed, one API and one worker process';

export interface RunningSystem {
  readonly port: number;
  readonly processes: readonly Child[];
  readonly stores: Stores;
  /** Submissions on their way at once when the capacity is measured: enough that every lane has its batches. */
  readonly inFlight: number;
}

/** Measures the capacity and the latencies at shares of it, and stops the system. */
export async function measureEndToEnd(
  { options }: Bench,
  system: RunningSystem,
  id: string,
  figures: Figures,
  step: (what: string) => void,
): Promise<void> {
  const { loadSeconds, loadWarmUpSeconds } = options.sizes;
  try {
    step('capacity');
    const capacity = await saturate(system, loadSeconds, loadWarmUpSeconds);
    figures.add(`${id}.capacity`, '/s', capacity);
    for (const share of SHARES) {
      step(`${share} %`);
      const { answer, outcome } = await arrivals(
        system,
        (capacity * share) / 100,
        loadSeconds,
        loadWarmUpSeconds,
      );
      addLatency(figures, `${id}.${share}.answer`, answer);
      if (outcome !== undefined) addLatency(figures, `${id}.${share}`, outcome);
    }
  } finally {
    await Promise.all(system.processes.map(each => each.stop()));
  }
}

/** @returns issues committed per second when there is always a next one */
export async function saturate(
  system: RunningSystem,
  seconds: number,
  warmUpSeconds: number,
): Promise<number> {
  const [result] = await generate(
    {
      kind: 'closed',
      ...target(system),
      warmUpSeconds,
      seconds,
      users: USERS,
      inFlight: system.inFlight,
    },
    system.processes,
  );
  return expectHeard(result, system).perSecond;
}

async function arrivals(
  system: RunningSystem,
  rate: number,
  seconds: number,
  warmUpSeconds: number,
): Promise<StreamResult> {
  const streams = [{ name: 'all', rate, users: USERS, firstUser: 0, mayBeLimited: false }];
  const [result] = await generate(
    { kind: 'open', ...target(system), warmUpSeconds, seconds, streams },
    system.processes,
  );
  return expectHeard(result, system);
}

export function target({ port, stores: { queueUrl } }: RunningSystem) {
  return { target: { port, secret: SECRET, connections: CONNECTIONS }, news: { queueUrl } };
}

/** Outcomes that nobody heard of would be missing among the slow ones. */
export function expectHeard(result: StreamResult | undefined, { processes }: RunningSystem): StreamResult {
  for (const each of processes) each.expectAlive();
  if (result === undefined) throw new Error('no result');
  if (result.unheard > 0)
    throw new Error(`the outcomes of ${result.unheard} submissions were never heard of`);
  return result;
}

export function latencyTable(id: string, title: string): Table {
  return {
    title: `${title}; capacity {${id}.capacity}`,
    head: ['of the capacity', 'committed p50', 'p95', 'p99', 'accepted p50', 'p99'],
    rows: SHARES.map(share => [
      `${share} %`,
      ...['p50', 'p95', 'p99'].map(p => `{${id}.${share}.${p}}`),
      ...['p50', 'p99'].map(p => `{${id}.${share}.answer.${p}}`),
    ]),
  };
}
