import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from './run.ts';
import type { Scale } from './scale.ts';

const LOOK_EVERY_MS = 25;
const FIRST_ISSUE_WITHIN_MS = 30_000;

interface Sample {
  readonly at: number;
  readonly issues: number;
}

/**
 * Submissions a second from a filled queue, in the steady part: from a moment
 * after the first issue until the queue is empty, or the window is over.
 */
export async function measureDrain(run: Run, processes: number, scale: Scale): Promise<number> {
  const { drainOf: total, warmUpMs, windowMs } = scale;
  await run.producer.addMany(run.makeSubmissions(total));
  await run.analyze();
  const workers = await run.startWorkers(processes);
  workers.go();
  const first = await sampleWhen(run, FIRST_ISSUE_WITHIN_MS, ({ issues }) => issues > 0);
  const begin = await sampleWhen(run, FIRST_ISSUE_WITHIN_MS, ({ at }) => at - first.at >= warmUpMs);
  const end = await sampleWhen(
    run,
    2 * windowMs,
    ({ at, issues }) => issues >= total || at - begin.at >= windowMs,
  );
  workers.check();
  if (begin.issues >= total)
    throw new Error(`${run.peer.name} was done within the warm-up; make drainOf larger`);
  return ((end.issues - begin.issues) / (end.at - begin.at)) * 1000;
}

async function sampleWhen(
  run: Run,
  withinMs: number,
  isReached: (sample: Sample) => boolean,
): Promise<Sample> {
  for (const deadline = performance.now() + withinMs; ; ) {
    const issues = await run.countIssues();
    const sample = { at: performance.now(), issues };
    if (isReached(sample)) return sample;
    if (sample.at > deadline) throw new Error(`${run.peer.name} applied ${issues} in ${withinMs} ms`);
    await sleep(LOOK_EVERY_MS);
  }
}
