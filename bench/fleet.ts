import { setTimeout as sleep } from 'node:timers/promises';
import { type Backlog, openLanes } from './backlog.ts';
import { feed } from './fleet/feed.ts';
import { joinSaturated } from './fleet/join.ts';
import { expectOrder, longestPause } from './fleet/lane-times.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import type { Child } from './system/child.ts';
import { type Stores, startWorker } from './system/roles.ts';

/*
 * Worker processes that come and go. One joins another that has more than it can
 * do; then, under a steady load that one process can carry, one of two leaves.
 */

const STEADY_PER_SECOND = 1000;

/** How one leaves, and how long the lanes are watched after it. */
const LEAVES = [
  { signal: 'SIGTERM', title: 'SIGTERM', watched: 'settleSeconds' },
  { signal: 'SIGKILL', title: 'kill -9', watched: 'killWatchSeconds' },
] as const;

/** What lasts half a minute is not repeated as often as the rest. */
const mostRounds = (rounds: number) => Math.min(rounds, 2);

export const fleet: Measurement = {
  name: 'fleet',
  steps: ({ rounds }) => mostRounds(rounds) * (1 + LEAVES.length),
  async run(bench) {
    const figures = new Figures();
    await inTurn(mostRounds(bench.options.rounds), ['fleet'], async (title, round) => {
      bench.step(`${title} ${round}: one joins`);
      await joinSaturated(bench, figures);
      for (const leave of LEAVES) {
        bench.step(`${title} ${round}: one leaves by ${leave.title}`);
        await leaveSteady(bench, leave, figures);
      }
    });
    return { name: 'fleet', tables: TABLES, figures: figures.all };
  },
};

async function leaveSteady({ services, options }: Bench, leave: (typeof LEAVES)[number], figures: Figures) {
  const { signal, watched } = leave;
  const watchMs = options.sizes[watched] * 1000;
  const settleMs = options.sizes.settleSeconds * 1000;
  const stores = { databaseUrl: await services.reset(), queueUrl: services.redisUrl };
  const lanes = await openLanes(services.redisUrl);
  const workers = await twoSettled(stores, settleMs);
  const feeding = feed(lanes, STEADY_PER_SECOND);
  try {
    await sleep(settleMs);
    const left = Date.now();
    await workers[1]?.end(signal);
    await sleep(watchMs);
    const fed = await feeding.stop();
    await emptied(lanes);

    const pause = await longestPause(services, left, left + watchMs);
    figures.add(`fleet.${signal}.pause`, 's', pause / 1000);
    const usual = await longestPause(services, left - settleMs / 2, left);
    figures.add(`fleet.${signal}.usual`, 's', usual / 1000);
    await expectOrder(services, fed);
  } finally {
    await feeding.stop();
    await Promise.all(workers.map(worker => worker.stop()));
    await lanes.close();
  }
}

async function twoSettled(stores: Stores, settleMs: number): Promise<Child[]> {
  const workers = [startWorker(stores), startWorker(stores)];
  await sleep(settleMs);
  for (const worker of workers) worker.expectAlive();
  return workers;
}

async function emptied(lanes: Backlog): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await lanes.remaining()) > 0) {
    if (Date.now() > deadline) throw new Error('the lanes were not emptied within a minute');
    await sleep(100);
  }
}

const TABLES: Table[] = [
  {
    title: 'A second worker process joins a saturated one (from the start of its process)',
    head: ['has its first lane', 'works on a third of the lanes', 'its part of what is applied from then on'],
    rows: [['{fleet.join.first}', '{fleet.join.third}', '{fleet.join.share}']],
  },
  {
    title: `One of two worker processes leaves, at ${STEADY_PER_SECOND.toLocaleString('en-US')}/s`,
    head: ['', 'longest pause of any lane', 'the same before it left'],
    rows: LEAVES.map(({ signal, title }) => [title, `{fleet.${signal}.pause}`, `{fleet.${signal}.usual}`]),
  },
];
