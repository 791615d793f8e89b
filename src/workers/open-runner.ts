import type { MikroORM } from '@mikro-orm/postgresql';
import type { LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import type { Figures } from '../figures/figures.ts';
import type { LaneConsumer } from '../lane-consumer.ts';
import { LaneLostError } from '../lane-lost-error.ts';
import type { Lane } from '../lanes.ts';
import type { OutcomeFeed } from '../outcome-feed.ts';
import type { LaneJob, QueueStore } from '../queue-store.ts';
import type { Tracing } from '../tracing.ts';
import { within } from '../within.ts';
import { applyBatch } from './apply-batch.ts';
import { type ApplyUntilDoneOptions, applyUntilDone } from './apply-until-done.ts';
import { conflictName } from './database-errors.ts';
import { LaneRunner } from './lane-runner.ts';
import { type LeadOptions, lead } from './lead.ts';
import { recordFailure } from './record-failure.ts';
import { reportOutcomes } from './report-outcomes.ts';
import { traceUnits } from './trace-units.ts';
import type { OwnedLane } from './unit-of-work.ts';
import { waitInPlace } from './wait-in-place.ts';

const CONFIRM_WITHIN_MS = 2000;

export interface RunnerOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  /** Of this lane. */
  readonly log: Logger;
  /** Most submissions in one unit of work. */
  readonly readAhead: number;
  readonly figures: Figures;
  readonly tracing?: Tracing | undefined;
}

/** One lane of this process, with all that it takes to apply it. */
export async function openRunner(
  { store, orm, log, readAhead, figures, tracing }: RunnerOptions,
  lane: Lane,
  feed: OutcomeFeed,
  inTurn: LimitFunction,
): Promise<LaneRunner> {
  const consumer = store.openConsumer(lane);
  await consumer.open();
  const onRetry = (error: unknown) => {
    const conflict = conflictName(error);
    figures.retried(conflict);
    log.info({ conflict }, 'applying again');
  };
  const apply: LeadOptions['apply'] = (batch, head, resting) => {
    const owned: OwnedLane = { lane, confirm: () => stillOurs(consumer, head) };
    const units: ApplyUntilDoneOptions = {
      log,
      apply: part => counted(figures, part.length, () => applyBatch(orm, owned, part, onRetry)),
      record: (submission, failure) => recordFailure(orm, owned, submission, failure),
      waitForDatabase: attempt => {
        figures.retried('database_away');
        return waitInPlace(head, attempt, resting);
      },
      onHalve: () => figures.retried('batch_halved'),
    };
    return applyUntilDone(batch, tracing === undefined ? units : traceUnits(units, tracing, lane));
  };
  const report = reportOutcomes(lane, feed, log);
  const options: LeadOptions = {
    apply,
    limit: readAhead,
    peek: count => consumer.peek(count),
    onOutcomes: (batch, outcomes) => {
      figures.decided(batch, outcomes);
      report(batch, outcomes);
    },
    onPeekError: error => log.warn({ err: error }, 'cannot read ahead; the head goes alone'),
  };
  return new LaneRunner({
    consumer,
    log,
    lead: (head, resting) =>
      inTurn(() => {
        // Told to rest while it waited for its turn: the head is better off with the lane's next process.
        resting.throwIfAborted();
        return lead(head, resting, options);
      }),
  });
}

/** Runs a unit of work of `size` submissions. */
async function counted<T>(figures: Figures, size: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    const value = await work();
    figures.committed(size, performance.now() - began);
    return value;
  } catch (error) {
    if (error instanceof LaneLostError) figures.retried('lane_lost');
    throw error;
  }
}

/** A unit of work, with the locks it holds, does not wait for a queue store that is away. */
async function stillOurs(consumer: LaneConsumer, head: LaneJob): Promise<void> {
  try {
    await within(CONFIRM_WITHIN_MS, consumer.hold(head));
  } catch (cause) {
    if (cause instanceof LaneLostError) throw cause;
    throw new LaneLostError('the queue store does not tell whose the lane is', { cause });
  }
}
