import pLimit from 'p-limit';
import type { LaneJob, LaneQueue } from '../queue-store.ts';
import { type Submission, submissionOf } from '../submission.ts';
import { patiently } from './patiently.ts';

/** Where BullMQ keeps a lane's jobs. */
export const JOB_STATES = ['waiting', 'active', 'delayed', 'prioritized', 'failed', 'completed'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A submission that is on a lane, and why it failed, if it did. */
export interface OnLane extends Submission {
  readonly failedReason: string | undefined;
}

const JOBS_PER_PAGE = 200;

/** Each takes a connection of its own where the store is PostgreSQL, and those who work need theirs. */
const JOBS_AT_ONCE = 8;

/**
 * The submissions of a lane in one state, page by page, the newest first: jobs
 * that come or go meanwhile may show one twice, but hide none that stays. What
 * somebody added by hand, and holds no submission, is left out.
 */
export async function* submissionPages(queue: LaneQueue, state: JobState): AsyncGenerator<OnLane[]> {
  for (let start = 0; ; start += JOBS_PER_PAGE) {
    const ids = await patiently(() => queue.getRanges([state], start, start + JOBS_PER_PAGE - 1, false));
    if (ids.length === 0) return;
    const jobs = await pLimit(JOBS_AT_ONCE).map(ids, id => patiently(() => queue.getJob(id)));
    yield jobs.flatMap(job => readSubmission(job));
  }
}

/** None for a job that was removed since its id was read. */
function readSubmission(job: LaneJob | undefined): OnLane[] {
  if (job === undefined) return [];
  try {
    return [{ ...submissionOf(job), failedReason: job.failedReason }];
  } catch {
    return [];
  }
}
