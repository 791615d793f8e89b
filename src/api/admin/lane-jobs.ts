import pLimit from 'p-limit';
import { QueueUnavailableError } from '../../errors.ts';
import { laneIndexOf } from '../../lanes.ts';
import type { LaneJob, LaneQueue } from '../../queue-store.ts';
import { parseRefusalLine, type Refused, type Submission, submissionOf } from '../../submission.ts';
import { within } from '../../within.ts';

/*
 * Jobs as the administrator's search meets them. Both stores count a lane from its
 * newest job when asked to, so that is the end where every look begins.
 */

const STORE_TIMEOUT_MS = 2_000;
const IDS_PER_PAGE = 500;

/** Each takes a connection of its own where the store is PostgreSQL. */
const JOBS_AT_ONCE = 8;

/** A submission as its lane has it. */
export interface OnLane {
  readonly lane: number;
  readonly job: LaneJob;
  readonly submission: Submission;
  readonly state: 'queued' | 'processing' | 'completed' | Refused;
}

/** Those that a look at a lane's jobs found, and whether it ended before those that wait did. */
export interface LaneLook {
  readonly found: OnLane[];
  readonly cut: boolean;
}

/**
 * The submission of this id. Without its user, each lane is asked.
 *
 * @throws QueueUnavailableError
 */
export async function findOnLane(
  queues: readonly LaneQueue[],
  id: string,
  userId?: string,
): Promise<OnLane | undefined> {
  const all = queues.map((queue, lane) => ({ queue, lane }));
  const asked = userId === undefined ? all : all.slice(...at(laneIndexOf(userId, queues.length)));
  const found = await orUnavailable(
    pLimit(JOBS_AT_ONCE).map(asked, async ({ queue, lane }) => {
      const job = await queue.getJob(id);
      return job && read(lane, job, await job.getState());
    }),
  );
  return found.find(each => each !== undefined);
}

/**
 * Those of a lane that wait, are worked on or have failed, the newest first, among up to `most` of each.
 *
 * @throws QueueUnavailableError
 */
export async function lookThroughLane(
  queue: LaneQueue,
  lane: number,
  most: number,
  isWanted: (submission: Submission) => boolean,
): Promise<LaneLook> {
  const found: OnLane[] = [];
  let cut = false;
  for (const state of ['active', 'waiting', 'failed'] as const) {
    // One more than is read: it tells whether there are more.
    const ids = await orUnavailable(queue.getRanges([state], 0, most, false));
    // Those that failed are refusals in the database as well, but for what it could not store.
    if (state === 'waiting') cut = ids.length > most;
    const jobs = await orUnavailable(pLimit(JOBS_AT_ONCE).map(ids.slice(0, most), id => queue.getJob(id)));
    for (const job of jobs) {
      const each = job && read(lane, job, state);
      if (each !== undefined && isWanted(each.submission)) found.push(each);
    }
  }
  return { found, cut };
}

/** Where in its lane a waiting job is; `place` 1 is the next. */
export interface Place {
  /** Undefined when it is farther from the end than was looked. */
  readonly place: number | undefined;
  readonly waiting: number;
}

/**
 * Counts from the lane's end, up to `most` jobs. Jobs come and go meanwhile, so it is about right.
 *
 * @throws QueueUnavailableError
 */
export async function placeOf(queue: LaneQueue, id: string, most: number): Promise<Place> {
  for (let start = 0; start < most; start += IDS_PER_PAGE) {
    const ids = await orUnavailable(queue.getRanges(['waiting'], start, start + IDS_PER_PAGE - 1, false));
    const index = ids.indexOf(id);
    if (index < 0 && ids.length === IDS_PER_PAGE) continue;
    const waiting = await orUnavailable(queue.getJobCountByTypes('waiting'));
    return { place: index < 0 ? undefined : Math.max(1, waiting - start - index), waiting };
  }
  return { place: undefined, waiting: await orUnavailable(queue.getJobCountByTypes('waiting')) };
}

function at(index: number): [number, number] {
  return [index, index + 1];
}

/** Undefined for what somebody put on a lane by hand, and holds no submission. */
function read(lane: number, job: LaneJob, state: string): OnLane | undefined {
  try {
    return { lane, job, submission: submissionOf(job), state: stateOf(job, state) };
  } catch {
    return undefined;
  }
}

function stateOf(job: LaneJob, state: string): OnLane['state'] {
  if (state === 'failed') return parseRefusalLine(job.failedReason ?? '');
  if (state === 'completed') return 'completed';
  return state === 'active' ? 'processing' : 'queued';
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await within(STORE_TIMEOUT_MS, answer);
  } catch (cause) {
    throw new QueueUnavailableError({ cause });
  }
}
