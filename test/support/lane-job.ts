import { Job } from 'bullmq';
import type { LaneJob } from '../../src/queue-store.ts';
import { dataOf, type Submission } from '../../src/submission.ts';

/** A job that holds a submission, with no queue behind it: good for reading only. */
export function laneJob(submission: Submission): LaneJob {
  const { id, acceptedAt, attempt: attemptsMade } = submission;
  return bare({ id, data: dataOf(submission), timestamp: acceptedAt.getTime(), attemptsMade });
}

/** A job that somebody added by hand, and that holds no submission. */
export function strayJob(id: string): LaneJob {
  return bare({ id, timestamp: 0 });
}

function bare(facts: Partial<LaneJob>): LaneJob {
  const job: LaneJob = Object.create(Job.prototype);
  return Object.assign(job, facts);
}
