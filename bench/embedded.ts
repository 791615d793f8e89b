import { openLanes } from './backlog.ts';
import { drain } from './drain.ts';
import { latencyTable, measureEndToEnd } from './end-to-end.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { startAll } from './system/roles.ts';
import { submissions } from './workload.ts';

/*
 * Everything in one process with PostgreSQL as the queue store, as `npm start`
 * has it on a fresh clone.
 */

/** What is not for production is not repeated as often as the rest. */
const mostRounds = (rounds: number) => Math.min(rounds, 2);

const LANES = 4;
const USERS = 5000;
const IN_FLIGHT = 64;
const COUNTING_COSTS_MS = 250;

export const embedded: Measurement = {
  name: 'embedded',
  steps: ({ rounds }) => mostRounds(rounds) * 5,
  async run(bench) {
    const figures = new Figures();
    await inTurn(mostRounds(bench.options.rounds), ['embedded'], async (title, round) => {
      const step = (what: string) => bench.step(`${title} ${round}: ${what}`);
      step('apply');
      await applyOnce(bench, figures);

      const databaseUrl = await bench.services.reset();
      const stores = { databaseUrl, queueUrl: databaseUrl, lanes: LANES };
      const all = await startAll(stores);
      const system = { port: all.port, processes: [all.process], stores, inFlight: IN_FLIGHT };
      await measureEndToEnd(bench, system, 'embedded.end-to-end', figures, step);
    });
    return { name: 'embedded', tables: TABLES, figures: figures.all };
  },
};

async function applyOnce({ services, options }: Bench, figures: Figures): Promise<void> {
  const { embeddedQueued, warmUp, applySeconds } = options.sizes;
  const databaseUrl = await services.reset();
  const stores = { databaseUrl, queueUrl: databaseUrl, lanes: LANES };
  const lanes = await openLanes(databaseUrl, LANES);
  await lanes.add(submissions(embeddedQueued, USERS));
  const all = await startAll(stores);
  try {
    const limits = { warmUp: warmUp / 4, seconds: applySeconds, lookEveryMs: COUNTING_COSTS_MS };
    const { perSecond } = await drain(lanes, embeddedQueued, [all.process], services, limits);
    figures.add('embedded.apply', '/s', perSecond);
  } finally {
    await all.process.stop();
    await lanes.close();
  }
}

const TABLES: Table[] = [
  {
    title: 'Embedded: submissions applied per second',
    head: ['', 'per second'],
    rows: [['5,000 new users', '{embedded.apply}']],
  },
  latencyTable('embedded.end-to-end', 'Embedded: from due to committed'),
];
