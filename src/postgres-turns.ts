import {
  createPostgresBackend,
  type JobProgress,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  Worker,
} from 'bullmq';
import type { Logger } from 'pino';
import { TURN_WORKER_OPTIONS } from './bullmq-options.ts';
import {
  TURN_QUEUE_NAME,
  type TurnListener,
  TurnQueue,
  type TurnsOfStore,
  type TurnTaker,
  turnOf,
} from './turn-queue.ts';

type Turn = 'turn';

const PostgresTurns = Queue<
  object,
  void,
  Turn,
  object,
  void,
  Turn,
  PostgresQueueBackend,
  PostgresConnectionOptions
>;
const PostgresTurnTaker = Worker<
  object,
  void,
  Turn,
  PostgresQueueBackend,
  JobProgress,
  PostgresConnectionOptions
>;

/** The queue of webhooks on BullMQ's PostgreSQL backend. */
export function openPostgresTurns(
  connection: PostgresConnectionOptions,
  listener: TurnListener,
  log: Logger,
): TurnQueue {
  const queue = new PostgresTurns(TURN_QUEUE_NAME, { connection }, createPostgresBackend);
  const options = { ...TURN_WORKER_OPTIONS, connection };
  const worker = new PostgresTurnTaker(TURN_QUEUE_NAME, turnOf(listener), options, createPostgresBackend);
  return new TurnQueue(asTurns(queue), asTaker(worker), listener, log);
}

/* The same casts as postgres-bullmq.ts has, for the same reason. */
function asTurns(queue: unknown): TurnsOfStore {
  return queue as TurnsOfStore;
}

function asTaker(worker: unknown): TurnTaker {
  return worker as TurnTaker;
}
