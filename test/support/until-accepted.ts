import { setTimeout as delay } from 'node:timers/promises';
import type { Intake } from '../../src/api/intake.ts';
import type { OpenedIntake } from '../../src/api/open-intake.ts';
import { QueueUnavailableError } from '../../src/errors.ts';
import type { Submission } from '../../src/submission.ts';
import { WAIT_MS } from './wait-for.ts';

const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 3_000;
/** A store that is flooded by many users needs its time to take them one after the other. */
const PATIENCE_MS = 2 * WAIT_MS;

/**
 * What a client does that is answered 503: it sends the same again, under the same
 * key, before it sends anything else, and less and less often: on a busy machine users
 * who come again at once would only keep the store from answering in time.
 *
 * @throws any other error at once, and a 503 that does not end
 */
export async function untilAccepted(intake: Intake, submission: Submission): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let restMs = FIRST_REST_MS; ; restMs = Math.min(LONGEST_REST_MS, 2 * restMs)) {
    try {
      return await intake.accept(submission);
    } catch (error) {
      if (!(error instanceof QueueUnavailableError) || Date.now() > deadline) throw error;
      await delay(restMs * (0.5 + Math.random()));
    }
  }
}

/** An intake whose users are such clients. */
export function patient(intake: OpenedIntake): OpenedIntake {
  return {
    ...intake,
    get queues() {
      return intake.queues;
    },
    accept: submission => untilAccepted(intake, submission),
  };
}
