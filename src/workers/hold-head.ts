import type { Logger } from 'pino';
import { LOCK_MS } from '../bullmq-options.ts';
import type { LaneConsumer } from '../lane-consumer.ts';
import type { LaneJob } from '../queue-store.ts';

const RENEW_EVERY_MS = LOCK_MS / 2;

/** A unit of work that hangs (the network to the database is cut) must not keep a lane from the others for ever. */
const HOLD_WHILE_RESTING_MS = 2000;

export interface HoldOptions {
  readonly consumer: LaneConsumer;
  /** Aborts when the lane is to rest: then it is held for 2 s more. */
  readonly resting: AbortSignal;
  readonly log: Logger;
}

/** Keeps the lock on a job, and so the lane. @returns what lets it go */
export function holdHead(head: LaneJob, { consumer, resting, log }: HoldOptions): () => void {
  const renewal = setInterval(() => {
    consumer
      .hold(head)
      .catch(error => log.warn({ err: error, submissionId: head.id }, 'cannot renew the lock'));
  }, RENEW_EVERY_MS);
  const letGo = () => setTimeout(() => clearInterval(renewal), HOLD_WHILE_RESTING_MS).unref();
  resting.addEventListener('abort', letGo, { once: true });
  return () => {
    clearInterval(renewal);
    resting.removeEventListener('abort', letGo);
  };
}
