import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Outcome, Refused, Submission } from '../submission.ts';
import { Histogram } from './histogram.ts';

/*
 * What one process counts. All counts only rise, from 0 at its start, so who
 * misses a reading loses nothing with the next. This is on the way of every
 * submission: a few additions, and nothing is allocated.
 */

/** Seconds from acceptance to commit. */
export const LATENCY_BOUNDS = [
  0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 120,
  300, 600, 1800,
];

/** Seconds. */
const UNIT_OF_WORK_BOUNDS = [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30];

const BATCH_SIZE_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000];

/** Why work was, or will be, done again. */
export const RETRY_KINDS: readonly string[] = [
  'unique_violation',
  'serialization_failure',
  'deadlock_detected',
  'database_away',
  'batch_halved',
  'lane_lost',
  'decided_before',
];

export type ProcessName = 'api' | 'worker' | 'all';

export class Figures {
  /** Another for each start of a process. */
  readonly id = randomUUID();
  readonly host = hostname();
  readonly pid = process.pid;
  readonly startedAt = Date.now();
  readonly name: ProcessName;

  /** The lanes that this process runs. */
  lanes: readonly number[] = [];

  /** Submissions that this process has told a client are accepted. */
  accepted = 0;
  /** Requests that were answered with a submission accepted earlier. */
  replayed = 0;
  /** Issues made. */
  applied = 0;
  /** Refusals, by code. */
  readonly rejected: Record<string, number> = {};
  readonly failed: Record<string, number> = {};
  readonly retries: Record<string, number> = {};
  readonly batchSize = new Histogram(BATCH_SIZE_BOUNDS);
  readonly unitOfWork = new Histogram(UNIT_OF_WORK_BOUNDS);
  readonly latency = new Histogram(LATENCY_BOUNDS);

  readonly #began = performance.now();

  constructor(name: ProcessName) {
    this.name = name;
  }

  /** Milliseconds since the counts were 0, by a clock that does not jump. */
  get ageMs(): number {
    return performance.now() - this.#began;
  }

  /** A unit of work that was committed, of `size` submissions. */
  committed(size: number, ms: number): void {
    this.batchSize.observe(size);
    this.unitOfWork.observe(ms / 1000);
  }

  /** What became of the first submissions of a batch. What had been decided before is not counted anew. */
  decided(batch: readonly Submission[], outcomes: readonly Outcome[], now = Date.now()): void {
    for (const [index, outcome] of outcomes.entries()) {
      const submission = batch[index];
      if (outcome.again) this.retried('decided_before');
      else this.#countOutcome(outcome);
      // One that is tried again was accepted long ago, which says nothing about today.
      if (submission === undefined || submission.attempt > 0 || outcome.again) continue;
      // The clock is that of the process which accepted it.
      this.latency.observe(Math.max(0, now - submission.acceptedAt.getTime()) / 1000);
    }
  }

  /** @param kind one of {@link RETRY_KINDS} */
  retried(kind: string): void {
    this.retries[kind] = (this.retries[kind] ?? 0) + 1;
  }

  #countOutcome(outcome: Outcome): void {
    if (outcome.status === 'applied') this.applied++;
    else countCode(this[outcome.status], outcome);
  }
}

function countCode(byCode: Record<string, number>, { code }: Refused): void {
  byCode[code] = (byCode[code] ?? 0) + 1;
}
