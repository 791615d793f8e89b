import type { Job, Queue, Relay, Telemetry, Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { Durability } from './durability.ts';
import type { LaneConsumer } from './lane-consumer.ts';
import type { Epoch, Lane } from './lanes.ts';
import { openPostgresStore } from './postgres-store.ts';
import type { Charge, Charged } from './rate-limit.ts';
import { openRedisStore } from './redis-store.ts';
import type { Applied, SubmissionData } from './submission.ts';
import type { TurnListener, TurnQueue } from './turn-queue.ts';

/*
 * The port to the queue store. Which store it is, Redis, Redis Cluster or
 * PostgreSQL, is decided here and nowhere else.
 */

export const JOB_NAME = 'raise';

export type LaneQueue = Queue<SubmissionData, Applied, typeof JOB_NAME>;
export type LaneJob = Job<SubmissionData, Applied, typeof JOB_NAME>;
export type LaneWorker = Worker<SubmissionData, Applied, typeof JOB_NAME>;

/** What gives a job the trace of the request that it comes from. */
export type QueueTelemetry = Telemetry;

/** Relay's connection options differ between stores; what it does does not. */
export type StoreRelay = Pick<
  Relay,
  'publish' | 'subscribe' | 'getNodes' | 'getRetained' | 'nodeId' | 'waitUntilReady' | 'close'
> & {
  on(event: 'error' | 'recovered' | 'swept', listener: (value: unknown) => void): unknown;
};

export interface QueueStore {
  /** Opens a queue of any name; each is closed with the store, or before. */
  openQueue(name: string): LaneQueue;
  /** Closes a queue before the store is closed, and lets go of it. @throws the store's error */
  closeQueue(queue: LaneQueue): Promise<void>;
  /** Opens the receiving end of a lane. The caller closes it before the store. */
  openConsumer(lane: Lane): LaneConsumer;
  /** Joins the processes that share this store, under a name for people. The caller closes it. */
  openRelay(name: string): StoreRelay;
  /** Opens both ends of the queue of webhooks, and begins to take turns. The caller closes it before the store. */
  openTurns(listener: TurnListener): TurnQueue;
  /** The job whose turn it is on a lane: the active one, else the first that waits. */
  head(queue: LaneQueue): Promise<LaneJob | undefined>;
  /**
   * Resolves when as many replicas have a job as `acknowledgedReplicas` says, at once where it says none.
   *
   * @throws TooFewReplicasError, or the store's error
   */
  acknowledged(queue: LaneQueue, jobId: string): Promise<void>;
  /** The ids of the first `count` waiting jobs of a lane, in the order in which they will have their turn. */
  waitingIds(queue: LaneQueue, count: number): Promise<string[]>;
  /**
   * Closes an epoch's lanes for ever to what is added: when it resolves, no job is
   * on its way into one of them, and none will ever be. What is there stays and
   * can be applied, and retried.
   */
  seal(epoch: Epoch): Promise<void>;
  /** Whether an error says that a lane is sealed. Nothing was added then. */
  isSealed(error: unknown): boolean;
  /** Resolves when the store answers and takes what is written. @throws when it does not within 1 s */
  ping(): Promise<void>;
  /** Puts into a user's bucket what has room in it; one after the other, whoever asks. @throws the store's error */
  charge(userId: string, charge: Charge): Promise<Charged>;
  /** What it promises for submissions that it has. @throws when it does not answer within 1 s */
  durability(): Promise<Durability>;
  /** Called after each reconnection: what the store was told may be gone. */
  onReconnect(listener: () => void): void;
  close(): Promise<void>;
}

export interface QueueStoreOptions {
  readonly url: string;
  /**
   * A producer must not wait: it fails at once when the store is away, and says
   * so to its client. A worker must not fail: it waits until the store is back.
   */
  readonly role: 'producer' | 'worker';
  readonly log: Logger;
  /** How many replicas must have a job before it counts as accepted. Redis only; default 0. */
  readonly acknowledgedReplicas?: number;
  /** Without it, nothing is traced. */
  readonly telemetry?: QueueTelemetry | undefined;
  /** Separates installations that share a Redis. */
  readonly prefix?: string;
}

/** Opens the store that `url` names: `redis://`, `rediss://`, `redis+cluster://` or `postgres://`. */
export function openQueueStore(options: QueueStoreOptions): QueueStore {
  return isPostgresUrl(options.url) ? openPostgresStore(options) : openRedisStore(options);
}

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}
