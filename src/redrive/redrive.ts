import type { MikroORM } from '@mikro-orm/postgresql';
import { laneIndexOf } from '../lanes.ts';
import { JOB_NAME, type LaneJob, type LaneQueue } from '../queue-store.ts';
import type { Selection } from './arguments.ts';
import { type Candidate, inOrder } from './candidate.ts';
import { selectFailedJobs, selectLeftJobs } from './failed-jobs.ts';
import { release, selectRefusals } from './recorded-refusals.ts';

/*
 * Redriving a refusal takes two steps in two stores: the refusal is released,
 * then its job goes to the end of its lane. It may be stopped between the two:
 * the refusal is still in force and the submission in nobody's way, and the next
 * run finds it again. One whose job is on its lane already is left alone.
 */

/** What is done with one: its failed job retried, its job made again, or nothing. */
export type Deed = 'retried' | 'put back' | 'skipped';

export interface RedriveOptions {
  readonly orm: MikroORM;
  /** One for each lane. */
  readonly queues: readonly LaneQueue[];
  /** Lanes of epochs that are over. */
  readonly oldQueues?: readonly LaneQueue[];
}

/** Those of a selection that ended without an issue, in the order in which to redrive them. */
export async function findRefused(
  { orm, queues, oldQueues = [] }: RedriveOptions,
  selection: Selection,
): Promise<Candidate[]> {
  const found = await selectRefusals(orm, selection);
  for (const queue of queues) found.push(...(await selectFailedJobs(orm, queue, selection)));
  for (const queue of oldQueues) found.push(...(await selectLeftJobs(orm, queue, selection)));
  return inOrder(found);
}

/** What {@link redrive} would do. */
export async function foresee({ queues }: RedriveOptions, refused: Candidate): Promise<Deed> {
  const job = await laneOf(queues, refused).getJob(refused.id);
  if (job !== undefined) return (await job.isFailed()) ? 'retried' : 'skipped';
  return refused.attempt === undefined && refused.left === undefined ? 'skipped' : 'put back';
}

/** Puts one at the end of its lane, to be decided anew. */
export async function redrive({ orm, queues }: RedriveOptions, refused: Candidate): Promise<Deed> {
  const { id, attempt, acceptedAt, left } = refused;
  const queue = laneOf(queues, refused);
  const job = await queue.getJob(id);
  if (job !== undefined && !(await job.isFailed())) return 'skipped';
  if (attempt === undefined && job === undefined && left !== undefined) return moveTo(queue, left);
  if (attempt === undefined) return job === undefined ? 'skipped' : retry(job);

  const submission = await release(orm, id, attempt);
  if (submission === undefined) return 'skipped';
  if (job !== undefined) return retry(job);
  await queue.add(JOB_NAME, submission, { jobId: id, timestamp: acceptedAt.getTime() });
  return 'put back';
}

/** Two steps: stopped between them, it is decided when it is looked for again. */
async function moveTo(queue: LaneQueue, left: LaneJob): Promise<Deed> {
  await queue.add(JOB_NAME, left.data, { jobId: left.id ?? '', timestamp: left.timestamp });
  await left.remove();
  return 'put back';
}

async function retry(job: LaneJob): Promise<Deed> {
  try {
    await job.retry('failed');
    return 'retried';
  } catch (error) {
    if (await job.isFailed()) throw error;
    // Somebody else was quicker.
    return 'skipped';
  }
}

function laneOf(queues: readonly LaneQueue[], { userId }: Candidate): LaneQueue {
  const queue = queues[laneIndexOf(userId, queues.length)];
  if (queue === undefined) throw new RangeError('there are no lanes');
  return queue;
}
