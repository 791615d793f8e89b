import type { Logger } from 'pino';
import { INTERNAL_FAILURE, type Outcome, type Refused, type Submission } from '../submission.ts';
import { faultOf, isPassing } from './database-errors.ts';

export interface ApplyUntilDoneOptions {
  /** One unit of work; see `applyBatch`. */
  readonly apply: (batch: readonly Submission[]) => Promise<Outcome[]>;
  /** Resolves when it is time to try the database again. @throws to give up waiting */
  readonly waitForDatabase: (attempt: number) => Promise<void>;
  readonly log: Logger;
}

const UNSTORABLE: Refused = {
  status: 'failed',
  code: 'unstorable',
  detail: 'the database refuses what was sent',
};

/**
 * Applies a batch, or as much of its beginning as can be applied at once, and
 * always its head. A batch that fails on data is halved until the guilty
 * submission stands alone and is the only one to fail; an outage is waited for
 * in place, because it is no submission's fault and order must hold.
 *
 * @returns the outcomes of the first one or more submissions, in order
 * @throws only what `waitForDatabase` throws
 */
export async function applyUntilDone(
  batch: readonly Submission[],
  { apply, waitForDatabase, log }: ApplyUntilDoneOptions,
): Promise<Outcome[]> {
  let part = batch;
  for (let outages = 0; ; ) {
    try {
      return await apply(part);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === 'database' || isPassing(error)) {
        log.warn({ err: error, waiting: part.length }, 'the database cannot do it now; the lane waits');
        await waitForDatabase(++outages);
      } else if (part.length === 1) {
        log.error({ err: error, submissionId: part[0]?.id }, 'the submission cannot be applied');
        return [fault === 'program' ? INTERNAL_FAILURE : UNSTORABLE];
      } else {
        log.warn({ err: error, size: part.length }, 'the batch cannot be applied; halving it');
        part = part.slice(0, part.length >> 1);
      }
    }
  }
}
