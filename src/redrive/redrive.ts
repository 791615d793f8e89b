import type { MikroORM } from '@mikro-orm/postgresql';
import { everyLane, type LaneSet, lanesOfUser } from '../lane-set.ts';
import { laneIndexOf } from '../lanes.ts';
import { JOB_NAME, type LaneJob, type LaneQueue } from '../queue-store.ts';
import type { SubmissionData } from '../submission.ts';
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
  /** The lanes of epochs that are over. */
  readonly oldSets?: readonly LaneSet[];
}

/** Those of a selection that ended without an issue, in the order in which to redrive them. */
export async function findRefused(
  { orm, queues, oldSets = [] }: RedriveOptions,
  selection: Selection,
): Promise<Candidate[]> {
  const found = await selectRefusals(orm, selection);
  for (const queue of queues) found.push(...(await selectFailedJobs(orm, queue, selection)));
  for (const { queue } of everyLane(oldSets)) found.push(...(await selectLeftJobs(orm, queue, selection)));
  return inOrder(found);
}

/** What {@link redrive} would do. */
export async function foresee({ queues }: RedriveOptions, refused: Candidate): Promise<Deed> {
  const job = await laneOf(queues, refused).getJob(refused.id);
  if (job !== undefined) return (await job.isFailed()) ? 'retried' : 'skipped';
  return refused.attempt === undefined && refused.left === undefined ? 'skipped' : 'put back';
}

/** Puts one at the end of its lane, to be decided anew. */
export async function redrive(options: RedriveOptions, refused: Candidate): Promise<Deed> {
  const { orm, queues } = options;
  const { id, attempt, left } = refused;
  const queue = laneOf(queues, refused);
  const job = await queue.getJob(id);
  if (job !== undefined && !(await job.isFailed())) return 'skipped';
  if (attempt === undefined) {
    if (job !== undefined) return retry(job);
    return left === undefined ? 'skipped' : putBack(options, refused, left.data);
  }
  const submission = await release(orm, id, attempt);
  if (submission === undefined) return 'skipped';
  return job === undefined ? putBack(options, refused, submission) : retry(job);
}

/** Two steps: stopped between them, it is decided when it is looked for again. */
async function putBack(
  { queues, oldSets = [] }: RedriveOptions,
  refused: Candidate,
  sent: SubmissionData,
): Promise<Deed> {
  const { id, userId, acceptedAt } = refused;
  await laneOf(queues, refused).add(JOB_NAME, sent, { jobId: id, timestamp: acceptedAt.getTime() });
  // It may have a job on a lane that nobody serves any more.
  for (const { queue } of lanesOfUser(oldSets, userId)) await queue.remove(id);
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
