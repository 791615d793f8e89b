import { setTimeout as delay } from 'node:timers/promises';
import type { Intake } from '../../src/api/intake.ts';
import { QueueUnavailableError } from '../../src/errors.ts';
import type { Submission } from '../../src/submission.ts';
import { WAIT_MS } from './wait-for.ts';

const REPEAT_AFTER_MS = 100;

/**
 * What a client does that is answered 503: it sends the same again, under the same
 * key, before it sends anything else. A store on a busy machine may be late.
 *
 * @throws any other error at once, and a 503 that does not end
 */
export async function untilAccepted(intake: Intake, submission: Submission): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      return await intake.accept(submission);
    } catch (error) {
      if (!(error instanceof QueueUnavailableError) || Date.now() > deadline) throw error;
      await delay(REPEAT_AFTER_MS);
    }
  }
}
