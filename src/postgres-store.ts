import {
  createPostgresBackend,
  createPostgresRelayBackend,
  DEFAULT_SCHEMA,
  type JobProgress,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  Relay,
  Worker,
} from 'bullmq';
import pg from 'pg';
import { LANE_WORKER_OPTIONS, RELAY_OPTIONS, STALLED_CHECK_MS } from './bullmq-options.ts';
import { laneQueueName } from './lanes.ts';
import type {
  JOB_NAME,
  LaneJob,
  LaneQueue,
  LaneWorker,
  QueueStore,
  QueueStoreOptions,
} from './queue-store.ts';
import type { Applied, SubmissionData } from './submission.ts';
import { within } from './within.ts';

const PRODUCER_TIMEOUT_MS = 900;

/** Each lane's worker and the relay keep a connection of their own to listen on. */
const MAX_CONNECTIONS = 40;

/** BullMQ's PostgreSQL backend behind {@link QueueStore}. Its migrations must have run. */
export function openPostgresStore({ url, role, log }: QueueStoreOptions): QueueStore {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    keepAlive: true,
    options: `-c search_path=${DEFAULT_SCHEMA}`,
    connectionTimeoutMillis: PRODUCER_TIMEOUT_MS,
    ...(role === 'producer' ? { query_timeout: PRODUCER_TIMEOUT_MS } : {}),
  });
  const connection = asConnection(pool);
  // Every queue and worker listens for the pool's errors.
  pool.setMaxListeners(0);
  pool.on('error', error => log.warn({ err: error }, 'queue store connection'));
  const queues: LaneQueue[] = [];
  const stalledCheck = role === 'worker' ? startStalledCheck(pool, log) : undefined;

  return {
    openQueue(name) {
      const queue = asLaneQueue(new PostgresQueue(name, { connection }, createPostgresBackend));
      queues.push(queue);
      return queue;
    },
    openWorker: (lane, processor) =>
      asLaneWorker(
        new PostgresWorker(
          laneQueueName(lane),
          processor,
          { ...LANE_WORKER_OPTIONS, connection, skipStalledCheck: true },
          createPostgresBackend,
        ),
      ),
    openRelay: name =>
      new Relay<PostgresConnectionOptions>({
        connection,
        name,
        backend: createPostgresRelayBackend,
        ...RELAY_OPTIONS,
      }),
    readWaiting,
    // BullMQ would put it at the end of its lane; {@link startStalledCheck} keeps its place.
    async giveBack() {},
    async ping() {
      await within(PRODUCER_TIMEOUT_MS, pool.query('select 1'));
    },
    // What BullMQ was told lies in tables: a reconnection loses nothing.
    onReconnect() {},
    async close() {
      clearInterval(stalledCheck);
      await Promise.all(queues.map(queue => queue.close()));
      await pool.end();
    },
  };
}

/**
 * BullMQ 6.7 counts this backend's waiting list from its newest job, so
 * `getWaiting(0, n)` gives the wrong end. We ask from a distance to the end, and
 * to the end: jobs added in between only lengthen the answer, at its new end.
 */
async function readWaiting(queue: LaneQueue, count: number): Promise<LaneJob[]> {
  if (count <= 0) return [];
  const waiting = await queue.getJobCountByTypes('waiting');
  const oldestFirst = await queue.getJobs(['waiting'], Math.max(0, waiting - count), -1, true);
  return oldestFirst.slice(0, count);
}

/**
 * Frees the lanes of dead processes. BullMQ's own check puts the interrupted
 * job at the end of its lane, behind the user's later ones; a job keeps its
 * place (`seq`) while it is active, so giving it back unchanged keeps the order.
 */
function startStalledCheck(pool: pg.Pool, log: QueueStoreOptions['log']): NodeJS.Timeout {
  const check = async () => {
    try {
      await pool.query(FREE_STALLED_LANES, [Date.now()]);
    } catch (error) {
      log.warn({ err: error }, 'cannot look for stalled lanes');
    }
  };
  void check();
  return setInterval(check, STALLED_CHECK_MS);
}

const FREE_STALLED_LANES = `
  with freed as (
    update job
       set state = 'waiting', lock_token = null, locked_until_ms = null, stalled_count = stalled_count + 1
     where state = 'active' and locked_until_ms < $1
    returning queue
  )
  select pg_notify('bullmq_jobs', queue) from freed`;

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

/*
 * BullMQ's types carry the backend and its connection options, which no caller
 * of ours uses, and describe a pool more narrowly than pg does. These are the only casts, and this is the only file that knows.
 */
function asLaneQueue(queue: unknown): LaneQueue {
  return queue as LaneQueue;
}

function asConnection(pool: unknown): PostgresConnectionOptions {
  return pool as PostgresConnectionOptions;
}

function asLaneWorker(worker: unknown): LaneWorker {
  return worker as LaneWorker;
}
