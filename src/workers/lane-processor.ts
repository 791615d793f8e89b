import { setTimeout as sleep } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { UnrecoverableError, WaitingError } from 'bullmq';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { LaneJob, LaneProcessor } from '../queue-store.ts';
import { type Outcome, refusalLine, type Submission } from '../submission.ts';
import { applyBatch } from './apply-batch.ts';
import { applyUntilDone } from './apply-until-done.ts';
import { conflictName } from './database-errors.ts';
import { ReadAhead } from './read-ahead.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

export interface LaneProcessorOptions {
  readonly orm: MikroORM;
  readonly log: Logger;
  readonly limit: number;
  readonly readWaiting: (count: number) => Promise<readonly LaneJob[]>;
  /** Puts an active job back at the head of its lane. */
  readonly giveBack: (job: LaneJob, token: string | undefined) => Promise<void>;
  readonly onOutcomes: (batch: readonly Submission[], outcomes: readonly Outcome[]) => void;
  /** Aborts when the process stops: a lane that waits for the database gives its job back. */
  readonly stopping: AbortSignal;
}

/** What a lane does with a job: apply it, and report what became of it. */
export function laneProcessor(options: LaneProcessorOptions): LaneProcessor {
  const { orm, log, limit, readWaiting, giveBack, onOutcomes, stopping } = options;
  const readAhead = new ReadAhead({
    limit,
    readWaiting,
    onOutcomes,
    onReadError: error => log.warn({ err: error }, 'cannot read ahead; the head goes alone'),
    apply: (batch, head) =>
      applyUntilDone(batch, {
        log,
        apply: part => applyBatch(orm, part, error => log.info({ conflict: conflictName(error) }, 'applying again')),
        waitForDatabase: attempt => waitInPlace(head, attempt, stopping),
      }),
  });

  return async (job, token) => {
    const outcome = await readAhead.outcomeOf(job).catch(async (stopped: unknown) => {
      // When the store is away too, the lock runs out and the job is back at the head by itself.
      await giveBack(job, token).catch(() => {});
      throw new WaitingError(messageOf(stopped));
    });
    if (outcome.status === 'applied') return outcome;
    throw new UnrecoverableError(refusalLine(outcome));
  };
}

/** Keeps the lane, its lock renewed by BullMQ, and lets the dashboard see why it stands still. */
async function waitInPlace(head: LaneJob, attempt: number, stopping: AbortSignal): Promise<void> {
  // Only for people: a store that is away too must not add to the trouble.
  if (attempt === 1) void head.updateProgress({ waitingFor: 'database' }).catch(() => {});
  const longest = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal: stopping });
}
