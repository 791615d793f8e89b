import { type Backlog, openLanes, openSingleQueue } from './backlog.ts';
import { drain } from './drain.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import type { Options } from './options.ts';
import { Figures, type Table } from './report/figures.ts';
import { startWorker } from './system/roles.ts';
import { submissions } from './workload.ts';

/*
 * Submissions a second from queued to committed. Every system finds the same
 * number waiting; afterwards every one of them must be an issue.
 */

interface System {
  readonly id: string;
  readonly title: string;
  readonly open: (redisUrl: string) => Promise<Backlog>;
  readonly processes: number;
  readonly program?: readonly string[];
  readonly commits: boolean;
}

const SYSTEMS: readonly System[] = [
  {
    id: 'obvious',
    title: 'the obvious worker',
    open: openSingleQueue,
    processes: 1,
    program: ['bench/rivals/obvious-worker.ts'],
    commits: true,
  },
  { id: 'ours-1', title: 'ours, 1 process', open: openLanes, processes: 1, commits: true },
  { id: 'ours-2', title: 'ours, 2 processes', open: openLanes, processes: 2, commits: true },
  {
    id: 'no-op',
    title: 'BullMQ, no-op job',
    open: openSingleQueue,
    processes: 1,
    program: ['bench/rivals/no-op-worker.ts'],
    commits: false,
  },
];

interface Workload {
  readonly id: string;
  readonly title: string;
  readonly users: number;
  readonly known: boolean;
}

const WORKLOADS: readonly Workload[] = [
  { id: 'few-new', title: '50 new users', users: 50, known: false },
  { id: 'few-known', title: '50 known users', users: 50, known: true },
  { id: 'many-new', title: '5,000 new users', users: 5000, known: false },
  { id: 'many-known', title: '5,000 known users', users: 5000, known: true },
];

/** What the no-op does is the same whoever the users are. */
const CASES = WORKLOADS.flatMap(workload =>
  SYSTEMS.filter(system => system.commits || workload.id === 'many-known').map(system => ({
    system,
    workload,
  })),
);

/** The quick look is at many users alone. */
const casesOf = ({ quick }: Options) => CASES.filter(({ workload }) => !quick || workload.users > 1000);

export const apply: Measurement = {
  name: 'apply',
  steps: options => options.rounds * casesOf(options).length,
  async run(bench) {
    const figures = new Figures();
    await inTurn(bench.options.rounds, casesOf(bench.options), async ({ system, workload }, round) => {
      bench.step(`apply ${round}: ${workload.title}, ${system.title}`);
      await applyOnce(bench, system, workload, figures);
    });
    for (const { id } of WORKLOADS) {
      figures.add(
        `apply.${id}.ratio`,
        '×',
        figures.median(`apply.${id}.ours-1`) / figures.median(`apply.${id}.obvious`),
      );
    }
    return { name: 'apply', tables: [TABLE], figures: figures.all };
  },
};

async function applyOnce(bench: Bench, system: System, workload: Workload, figures: Figures): Promise<void> {
  const { services, options } = bench;
  const { queued, warmUp, applySeconds } = options.sizes;
  const databaseUrl = await services.reset(workload.known ? workload.users : 0);
  const backlog = await system.open(services.redisUrl);
  await backlog.add(submissions(queued, workload.users));
  const stores = { databaseUrl, queueUrl: services.redisUrl };
  const workers = Array.from({ length: system.processes }, () => startWorker(stores, system.program));
  try {
    const { perSecond, cpu } = await drain(backlog, queued, workers, services, {
      warmUp,
      seconds: applySeconds,
    });
    const id = `apply.${workload.id}.${system.id}`;
    figures.add(id, '/s', perSecond);
    for (const [part, seconds] of Object.entries(cpu)) figures.add(`${id}.cpu.${part}`, 'µs', seconds * 1e6);
    await Promise.all(workers.map(worker => worker.end('SIGTERM')));
    if (system.commits) await expectNoneLost(bench, queued - (await backlog.remaining()));
  } finally {
    await Promise.all(workers.map(worker => worker.stop()));
    await backlog.close();
  }
}

async function expectNoneLost({ services }: Bench, finished: number): Promise<void> {
  const [row] = await services.ask('select count(*)::int as issues from issues');
  if (row?.issues !== finished) throw new Error(`${finished} submissions made ${row?.issues} issues`);
}

const TABLE: Table = {
  title: 'Submissions applied per second',
  head: ['', ...SYSTEMS.map(({ title }) => title), 'ours, 1 process : obvious'],
  rows: WORKLOADS.map(({ id, title }) => [
    title,
    ...SYSTEMS.map(system => (system.commits ? `{apply.${id}.${system.id}}` : `{apply.many-known.no-op}`)),
    `{apply.${id}.ratio}`,
  ]),
};
