import type { Logger } from 'pino';
import { LaneLostError } from '../lane-lost-error.ts';
import { INTERNAL_FAILURE, type Outcome, type Refused, type Submission, UNSTORABLE } from '../submission.ts';
import { faultOf, isPassing } from './database-errors.ts';

export interface ApplyUntilDoneOptions {
  /** One unit of work; see `applyBatch`. */
  readonly apply: (batch: readonly Submission[]) => Promise<Outcome[]>;
  /** Records that a submission could not be applied, and tells what holds; see `recordFailure`. */
  readonly record: (submission: Submission, failure: Refused) => Promise<Outcome>;
  /** Resolves when it is time to try the database again. @throws to give up waiting */
  readonly waitForDatabase: (attempt: number) => Promise<void>;
  /** Told of each batch that fails and is halved. */
  readonly onHalve?: () => void;
  readonly log: Logger;
}

/**
 * Applies a batch, or as much of its beginning as can be applied at once, and
 * always its head. A batch that fails on data is halved until the guilty
 * submission stands alone and is the only one to fail; an outage is waited for
 * in place, because it is no submission's fault and order must hold.
 *
 * @returns the outcomes of the first one or more submissions, in order
 * @throws LaneLostError, and what `waitForDatabase` throws
 */
export async function applyUntilDone(
  batch: readonly Submission[],
  options: ApplyUntilDoneOptions,
): Promise<Outcome[]> {
  const { apply, onHalve, log } = options;
  let part = batch;
  for (;;) {
    const done = await throughOutages(() => apply(part), part.length, options);
    if (!('error' in done)) return done.value;
    const [first] = part;
    if (part.length === 1 && first !== undefined) return [await fail(first, done.error, options)];
    log.warn({ err: done.error, size: part.length }, 'the batch cannot be applied; halving it');
    onHalve?.();
    part = part.slice(0, part.length >> 1);
  }
}

/** The failed job is the last record: of what cannot even be stored as refused. */
async function fail(
  submission: Submission,
  error: unknown,
  options: ApplyUntilDoneOptions,
): Promise<Outcome> {
  const { record, log } = options;
  const submissionId = submission.id;
  log.error({ err: error, submissionId }, 'the submission cannot be applied');
  const failure = faultOf(error) === 'program' ? INTERNAL_FAILURE : UNSTORABLE;
  const recorded = await throughOutages(() => record(submission, failure), 1, options);
  if (!('error' in recorded)) return recorded.value;
  log.error(
    { err: recorded.error, submissionId },
    'nor can its failure be recorded; only its job tells of it',
  );
  return failure;
}

/** @returns the work's value, or the error that is no outage */
async function throughOutages<T>(
  work: () => Promise<T>,
  waiting: number,
  { waitForDatabase, log }: ApplyUntilDoneOptions,
): Promise<{ value: T } | { error: unknown }> {
  for (let outages = 1; ; outages++) {
    try {
      return { value: await work() };
    } catch (error) {
      if (error instanceof LaneLostError) throw error;
      if (faultOf(error) !== 'database' && !isPassing(error)) return { error };
      log.warn({ err: error, waiting }, 'the database cannot do it now; the lane waits');
      await waitForDatabase(outages);
    }
  }
}
