import { expectHeard, IN_FLIGHT, type RunningSystem, target } from './end-to-end.ts';
import { addLatency } from './intake.ts';
import type { Stream } from './load/messages.ts';
import { generate } from './load/start-generator.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { startApi, startWorker } from './system/roles.ts';

/*
 * 500 quiet users, about one submission a second each, without and with one who
 * floods: behind the product's rate limit, and with the limit off.
 */

const QUIET: Stream = { name: 'quiet', rate: 500, users: 500, firstUser: 0, mayBeLimited: false };

/** Ten times what the limit lets through. */
const FLOOD: Stream = { name: 'flood', rate: 200, users: 1, firstUser: 1_000_000, mayBeLimited: true };

const CASES = [
  { id: 'quiet', title: 'no flood', streams: [QUIET], limit: {} },
  { id: 'limited', title: 'one user sends 200/s', streams: [QUIET, FLOOD], limit: {} },
  {
    id: 'unlimited',
    title: 'the same, RATE_LIMIT=off',
    streams: [QUIET, FLOOD],
    limit: { RATE_LIMIT: 'off' },
  },
];

export const neighbour: Measurement = {
  name: 'neighbour',
  steps: ({ rounds }) => rounds * CASES.length,
  async run(bench) {
    const figures = new Figures();
    await inTurn(bench.options.rounds, CASES, async (each, round) => {
      bench.step(`noisy neighbour ${round}: ${each.title}`);
      await measureCase(bench, each, figures);
    });
    for (const { id } of CASES) {
      figures.add(
        `neighbour.${id}.ratio`,
        '×',
        figures.median(`neighbour.${id}.p99`) / figures.median('neighbour.quiet.p99'),
      );
    }
    return { name: 'neighbour', tables: [TABLE], figures: figures.all };
  },
};

async function measureCase(bench: Bench, { id, streams, limit }: (typeof CASES)[number], figures: Figures) {
  const { services, options } = bench;
  const { loadSeconds, loadWarmUpSeconds } = options.sizes;
  const databaseUrl = await services.reset();
  const stores = { databaseUrl, queueUrl: services.redisUrl };
  const api = await startApi(stores, undefined, limit);
  const processes = [api.process, startWorker(stores)];
  const system: RunningSystem = { port: api.port, processes, stores, inFlight: IN_FLIGHT };
  try {
    const [quiet, flood] = await generate(
      {
        kind: 'open',
        ...target(system),
        // The flood's burst is over by then, and what counts is what lasts.
        warmUpSeconds: loadWarmUpSeconds + 1,
        seconds: loadSeconds,
        streams,
      },
      system.processes,
    );
    const { outcome } = expectHeard(quiet, system);
    if (outcome !== undefined) addLatency(figures, `neighbour.${id}`, outcome);
    figures.add(
      `neighbour.${id}.flood`,
      '/s',
      flood === undefined ? 0 : expectHeard(flood, system).perSecond,
    );
  } finally {
    await Promise.all(system.processes.map(each => each.stop()));
  }
}

const TABLE: Table = {
  title: `From due to committed for ${QUIET.users} quiet users, ${QUIET.rate}/s together`,
  head: ['', 'p50', 'p95', 'p99', 'p99 against no flood', 'answers to the flood'],
  rows: CASES.map(({ id, title }) => [
    title,
    ...['p50', 'p95', 'p99'].map(p => `{neighbour.${id}.${p}}`),
    `{neighbour.${id}.ratio}`,
    id === 'quiet' ? '–' : `{neighbour.${id}.flood}`,
  ]),
};
