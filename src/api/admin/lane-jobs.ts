import pLimit from 'p-limit';
import { QueueUnavailableError } from '../../errors.ts';
import { everyLane, type LaneSet, lanesOfUser, type OpenLane } from '../../lane-set.ts';
import type { LaneJob, LaneQueue } from '../../queue-store.ts';
import { parseRefusalLine, type Refused, type Submission, submissionOf } from '../../submission.ts';
import { within } from '../../within.ts';

/*
 * Jobs as the administrator's search meets them. Both stores count a lane from its
 * newest job when asked to, so that is the end where every look begins.
 */

const STORE_TIMEOUT_MS = 2_000;
const IDS_PER_PAGE = 500;
const JOBS_PER_PAGE = 100;

/** Each takes a connection of its own where the store is PostgreSQL. */
const JOBS_AT_ONCE = 8;

/** A submission as its lane has it. */
export interface OnLane {
  readonly on: OpenLane;
  readonly job: LaneJob;
  readonly submission: Submission;
  readonly state: 'queued' | 'processing' | 'completed' | Refused;
}

/** What a look at a lane's jobs found. */
export interface LaneLook {
  readonly found: OnLane[];
  /** If there are more that wait: among how many of the newest it looked. */
  readonly cutAt: number | undefined;
}

/**
 * The submission of this id, on the oldest epoch's lanes that have it. Without its user, each lane is asked.
 *
 * @throws QueueUnavailableError
 */
export async function findOnLane(
  sets: readonly LaneSet[],
  id: string,
  userId?: string,
): Promise<OnLane | undefined> {
  const asked = userId === undefined ? everyLane(sets) : lanesOfUser(sets, userId);
  const found = await orUnavailable(
    pLimit(JOBS_AT_ONCE).map(asked, async on => {
      const job = await on.queue.getJob(id);
      const state = await job?.getState();
      // It has ended since it was read: the reason came with that.
      const isOld = job?.finishedOn === undefined && (state === 'completed' || state === 'failed');
      const present = isOld ? await on.queue.getJob(id) : job;
      return present && onLaneOf(on, present, state ?? 'unknown');
    }),
  );
  return found.find(each => each !== undefined);
}

export interface Bounds {
  readonly most: number;
  readonly deadline: number;
}

/**
 * Those of a lane that wait, are worked on or have failed, the newest first, among
 * up to `most` of each, or as many as can be read until `deadline` by performance.now().
 *
 * @throws QueueUnavailableError
 */
export async function lookThroughLane(
  on: OpenLane,
  { most, deadline }: Bounds,
  isWanted: (submission: Submission) => boolean,
): Promise<LaneLook> {
  const { queue } = on;
  const found: OnLane[] = [];
  let cutAt: number | undefined;
  // In the order in which jobs move, so that none slips through.
  for (const state of ['waiting', 'active', 'failed'] as const) {
    // One more than is read: it tells whether there are more.
    const ids = await orUnavailable(queue.getRanges([state], 0, most, false));
    let read = 0;
    for (const page of pagesOf(ids.slice(0, most))) {
      if (performance.now() > deadline) break;
      const jobs = await orUnavailable(pLimit(JOBS_AT_ONCE).map(page, id => queue.getJob(id)));
      const onLane = jobs.flatMap(job => (job && onLaneOf(on, job, state)) ?? []);
      found.push(...onLane.filter(({ submission }) => isWanted(submission)));
      read += page.length;
    }
    // Those that failed are refusals in the database as well, but for what it could not store.
    if (state === 'waiting' && read < ids.length) cutAt = read;
  }
  return { found, cutAt };
}

function pagesOf(ids: readonly string[]): string[][] {
  const starts = Array.from({ length: Math.ceil(ids.length / JOBS_PER_PAGE) }, (_, n) => n * JOBS_PER_PAGE);
  return starts.map(start => ids.slice(start, start + JOBS_PER_PAGE));
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

/** Undefined for what somebody put on a lane by hand, and holds no submission. */
function onLaneOf(on: OpenLane, job: LaneJob, state: string): OnLane | undefined {
  try {
    return { on, job, submission: submissionOf(job), state: stateOf(job, state) };
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
