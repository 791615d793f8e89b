import type { MikroORM } from '@mikro-orm/postgresql';
import type { Submission } from '../../src/submission.ts';

/** The one interface behind which every queue is measured. An adapter is one file in `adapters/`. */
export interface Peer {
  readonly name: string;
  /** What is built with it, in a few words. */
  readonly how: string;
  readonly version: string;
  /** Every setting that is not the library's default, as the comparison prints it. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /**
   * Where the 2 % of failures come from: `handler`, thrown on a submission's
   * first attempt before its transaction begins; `database`, the connection is
   * cut inside the unit of work (see transient-faults.ts).
   */
  readonly failsIn: 'handler' | 'database';
  openProducer(services: Services): Promise<Producer>;
  /** Begins to apply what is queued, in a worker process of its own. */
  startWorker(context: WorkerContext): Promise<Closable>;
}

/** A database and a Redis database of one run's own, both empty but for the product's tables. */
export interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

export interface Closable {
  close(): Promise<void>;
}

/** `held`: the queue has it and may still run it. `failed`: the queue gave it up. `gone`: the queue knows of no work. */
export type Fate = 'held' | 'failed' | 'gone';

export interface Producer extends Closable {
  /** One submission, as an API adds it. Resolves when the queue has acknowledged it. */
  add(submission: Submission): Promise<void>;
  /** Many, by the fastest way there is, to fill the queue before a drain. */
  addMany(submissions: readonly Submission[]): Promise<void>;
  /** What became of a submission that has no issue. */
  fateOf(submission: Submission): Promise<Fate>;
}

export interface WorkerContext {
  readonly services: Services;
  readonly orm: MikroORM;
  /** Applies one submission in one unit of work. Attempts count from 1. */
  readonly handle: (submission: Submission, attempt: number) => Promise<void>;
}

/** How many handlers may run at once in one worker process, the same for all. */
export const CONCURRENCY = 16;

/** How often a failed submission is tried again, the same for all whose library does that. */
export const ATTEMPTS = 10;
