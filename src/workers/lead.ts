import type { Finished } from '../finished.ts';
import type { LaneConsumer } from '../lane-consumer.ts';
import type { LaneJob } from '../queue-store.ts';
import { INTERNAL_FAILURE, type Outcome, type Submission, submissionOf } from '../submission.ts';

/*
 * A lane's active job is the right to apply the lane. So the job at the head
 * also applies those waiting behind it, all in one unit of work, and they are
 * finished right after it. Nothing is remembered: if the process dies between
 * the commit and the last of them, the lane's next owner applies the rest again
 * and finds their issues there.
 */

export interface LeadOptions {
  /** Most submissions in one unit of work, the head included. */
  readonly limit: number;
  /** The jobs waiting behind the head, in order. When it fails the head goes alone. */
  readonly peek: LaneConsumer['peek'];
  /** The outcomes of the first one or more of a batch; see `applyUntilDone`. */
  readonly apply: (batch: readonly Submission[], head: LaneJob, resting: AbortSignal) => Promise<Outcome[]>;
  /** Told of outcomes as soon as they are final, before the jobs are finished. */
  readonly onOutcomes: (batch: readonly Submission[], outcomes: readonly Outcome[]) => void;
  /** Told when the waiting jobs could not be read: no submission's fault. */
  readonly onPeekError: (error: unknown) => void;
}

/**
 * Applies the head of a lane, and with it as many of those behind as it can.
 *
 * @param resting aborts when the lane is to rest
 * @returns the jobs that are done, the head first, in order
 * @throws only what `apply` throws
 */
export async function lead(head: LaneJob, resting: AbortSignal, options: LeadOptions): Promise<Finished[]> {
  const { limit, apply, onOutcomes } = options;
  const [first] = readable([head]);
  if (first === undefined) return [{ job: head, outcome: INTERNAL_FAILURE }];

  const followers = limit > 1 ? readable(await peekOrNone(options)) : [];
  const jobs = [first, ...followers];
  const batch = jobs.map(({ submission }) => submission);
  const outcomes = await apply(batch, head, resting);
  onOutcomes(batch, outcomes);
  return outcomes.flatMap((outcome, index) => {
    const job = jobs[index]?.job;
    return job === undefined ? [] : [{ job, outcome }];
  });
}

async function peekOrNone({ limit, peek, onPeekError }: LeadOptions): Promise<LaneJob[]> {
  try {
    return await peek(limit - 1);
  } catch (error) {
    onPeekError(error);
    return [];
  }
}

/** The jobs before the first that holds no submission: that one will fail when it is the head. */
function readable(jobs: readonly LaneJob[]): { job: LaneJob; submission: Submission }[] {
  const read: { job: LaneJob; submission: Submission }[] = [];
  for (const job of jobs) {
    try {
      read.push({ job, submission: submissionOf(job) });
    } catch {
      break;
    }
  }
  return read;
}
