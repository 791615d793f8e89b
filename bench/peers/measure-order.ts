import { setTimeout as sleep } from 'node:timers/promises';
import type { Submission } from '../../src/submission.ts';
import { type Applied, type Findings, judge } from './judge.ts';
import { IN_FLIGHT } from './measure-add.ts';
import type { Run } from './run.ts';
import type { Scale } from './scale.ts';
import type { WorkerPool } from './worker-pool.ts';

const PROCESSES = 2;
const LOOK_EVERY_MS = 20;

/** `normal`; `failing`: 2 % of the submissions fail once; `killed`: the busier of two processes dies by kill -9 halfway. */
export const SCENARIOS = ['normal', 'failing', 'killed'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** Adds submissions one at a time for each user, applies them with two processes, and looks at what became of them. */
export async function measureOrder(run: Run, scenario: Scenario, scale: Scale): Promise<Findings> {
  const accepted = run.makeSubmissions(scale.orderOf);
  await addInOrder(run, accepted);
  await run.analyze();
  const workers = await run.startWorkers(PROCESSES, { withFailures: scenario === 'failing' });
  workers.go();
  if (scenario === 'killed') await killHalfway(run, workers, accepted.length, scale);
  const since = performance.now();
  const lastAt = await untilDoneOrQuiet(run, accepted.length, scale);
  workers.check();
  if (scenario === 'failing' && workers.failures === 0)
    throw new Error(`nothing failed for ${run.peer.name}`);

  const fateOf = (submission: Submission) => run.producer.fateOf(submission);
  const findings = await judge(accepted, await readApplied(run), fateOf);
  return { ...findings, failures: workers.failures, seconds: (lastAt - since) / 1000 };
}

/** A user's next submission is added when the one before is acknowledged; so the order of acceptance is known. */
async function addInOrder({ producer }: Run, submissions: readonly Submission[]): Promise<void> {
  const acknowledged = new Map<string, Promise<void>>();
  const rest = submissions.values();
  const addRest = async (): Promise<void> => {
    for (const submission of rest) {
      const before = acknowledged.get(submission.userId) ?? Promise.resolve();
      const own = before.then(() => producer.add(submission));
      acknowledged.set(submission.userId, own);
      await own;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, addRest));
}

async function killHalfway(run: Run, workers: WorkerPool, total: number, { quietMs }: Scale): Promise<void> {
  const deadline = performance.now() + quietMs;
  while ((await run.countIssues()) < total / 2) {
    if (performance.now() > deadline) throw new Error(`${run.peer.name} did not get halfway`);
    await sleep(LOOK_EVERY_MS);
  }
  await workers.killBusiest();
}

/** @returns when the last issue was seen */
async function untilDoneOrQuiet(run: Run, total: number, { quietMs }: Scale): Promise<number> {
  let seen = -1;
  for (let lastAt = performance.now(); ; await sleep(LOOK_EVERY_MS)) {
    const issues = await run.countIssues();
    if (issues > seen) lastAt = performance.now();
    seen = issues;
    if (issues >= total || performance.now() - lastAt > quietMs) return lastAt;
  }
}

function readApplied({ orm }: Run): Promise<Applied[]> {
  return orm.em.execute<Applied[]>(
    `select i.id, c.user_id "userId" from issues i join customers c on c.id = i.customer_id order by i.number`,
  );
}
