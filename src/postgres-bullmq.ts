import {
  createPostgresBackend,
  type JobProgress,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type pg from 'pg';
import type { JOB_NAME, LaneQueue, LaneWorker } from './queue-store.ts';
import type { Applied, SubmissionData } from './submission.ts';

/*
 * BullMQ's classes on PostgreSQL. Its types carry the backend and its connection
 * options, which no caller of ours uses, and describe a pool more narrowly than pg
 * does. The casts are here and in postgres-turns.ts, and nobody else knows.
 */

type OnPostgres<Options> = Omit<Options, 'connection'> & { connection: PostgresConnectionOptions };

const PostgresQueue = Queue<
  SubmissionData,
  Applied,
  typeof JOB_NAME,
  SubmissionData,
  Applied,
  typeof JOB_NAME,
  PostgresQueueBackend,
  PostgresConnectionOptions
>;
const PostgresWorker = Worker<
  SubmissionData,
  Applied,
  typeof JOB_NAME,
  PostgresQueueBackend,
  JobProgress,
  PostgresConnectionOptions
>;

export function openPostgresQueue(name: string, options: OnPostgres<QueueOptions>): LaneQueue {
  const queue: unknown = new PostgresQueue(name, options, createPostgresBackend);
  return queue as LaneQueue;
}

/** Takes no jobs by itself. */
export function openPostgresWorker(name: string, options: OnPostgres<WorkerOptions>): LaneWorker {
  const worker: unknown = new PostgresWorker(name, null, options, createPostgresBackend);
  return worker as LaneWorker;
}

/**
 * A pool as BullMQ is given it: each of its queues and workers would listen for the
 * pool's errors as long as the pool lives, one that was dropped as well.
 */
export function asConnection(pool: pg.Pool): PostgresConnectionOptions {
  const connection: unknown = {
    options: pool.options,
    connect: () => pool.connect(),
    query: (text: string, values?: unknown[]) => pool.query(text, values),
    end: () => pool.end(),
    on() {},
  };
  return connection as PostgresConnectionOptions;
}
