import { Queue, Relay, Worker } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { LANE_WORKER_OPTIONS, RELAY_OPTIONS, TURN_WORKER_OPTIONS } from './bullmq-options.ts';
import { logConnectionError } from './connection-errors.ts';
import type { ConsumerTraits } from './consumer-traits.ts';
import { redisDurability } from './durability.ts';
import { messageOf } from './errors.ts';
import { LaneConsumer } from './lane-consumer.ts';
import { headOf } from './lane-head.ts';
import { laneQueueName, lanesOf } from './lanes.ts';
import { OpenQueues } from './open-queues.ts';
import type { LaneQueue, LaneWorker, QueueStore, QueueStoreOptions } from './queue-store.ts';
import {
  COMMAND_TIMEOUT_MS,
  type ConnectionOptions,
  connectRedis,
  FAIL_AT_ONCE,
  WAIT_FOR_EVER,
} from './redis-connection.ts';
import { readRedisFacts } from './redis-facts.ts';
import { chargeInRedis } from './redis-rate-limit.ts';
import { ReplicaBarrier } from './replica-barrier.ts';
import { TURN_QUEUE_NAME, TurnQueue, type TurnTaker, turnOf } from './turn-queue.ts';
import { within } from './within.ts';

const DEFAULT_PREFIX = 'issue-intake';

/** Redis, Valkey or Redis Cluster behind {@link QueueStore}. */
export function openRedisStore(options: QueueStoreOptions): QueueStore {
  const { url, role, log, telemetry, prefix = DEFAULT_PREFIX, acknowledgedReplicas = 0 } = options;
  const connections: (Redis | Cluster)[] = [];
  const open = (behaviour: ConnectionOptions) => {
    const opened = connectRedis(url, behaviour);
    opened.on('error', error => logConnectionError(log, error, 'connection'));
    connections.push(opened);
    return opened;
  };
  const connection = open(role === 'producer' ? FAIL_AT_ONCE : WAIT_FOR_EVER);
  const queues = new OpenQueues();
  const barrier =
    acknowledgedReplicas > 0 ? new ReplicaBarrier(open(FAIL_AT_ONCE), acknowledgedReplicas) : undefined;
  // One mark for all lanes where there are no slots: the more cross together the better.
  const markOf = (queue: LaneQueue) => (connection.isCluster ? queue.toKey(MARK) : `${prefix}:${MARK}`);

  const store: QueueStore = {
    openQueue(name) {
      const queue: LaneQueue = new Queue(name, {
        connection,
        prefix,
        ...(telemetry && { telemetry }),
        ...(role === 'producer' ? ASK_NOTHING_FIRST : {}),
      });
      queue.on('error', error => logConnectionError(log, error, name));
      return queues.add(queue);
    },
    closeQueue: queue => queues.close(queue),
    openConsumer(lane) {
      const name = laneQueueName(lane);
      const worker: LaneWorker = new Worker(name, null, { ...LANE_WORKER_OPTIONS, connection, prefix });
      return new LaneConsumer(worker, store, REDIS_TRAITS, log);
    },
    // Its blocking reads would not survive a producer's command timeout.
    openRelay: name => new Relay({ connection: open(WAIT_FOR_EVER), prefix, name, ...RELAY_OPTIONS }),
    openTurns(listener) {
      const options = { ...TURN_WORKER_OPTIONS, connection, prefix };
      const worker: TurnTaker = new Worker(TURN_QUEUE_NAME, turnOf(listener), options);
      return new TurnQueue(new Queue(TURN_QUEUE_NAME, { connection, prefix }), worker, listener, log);
    },
    head: queue => headOf(queue, REDIS_TRAITS.waitingIds),
    async acknowledged(queue, jobId) {
      await barrier?.cross(markOf(queue), queue.toKey(jobId));
    },
    waitingIds: REDIS_TRAITS.waitingIds,
    async seal(epoch) {
      const keys = lanesOf(epoch).map(lane => `${prefix}:${laneQueueName(lane)}:${COUNTER}`);
      await Promise.all(keys.map(key => connection.set(key, SEALED)));
    },
    isSealed: error => messageOf(error).includes(NO_COUNTER),
    async ping() {
      // A write: a Redis that is full, cannot save or has become a replica would still answer a PING.
      await within(COMMAND_TIMEOUT_MS, connection.set(`${prefix}:ping`, '', 'EX', 60));
    },
    charge: (userId, charge) => chargeInRedis(connection, `${prefix}:rate:${userId}`, charge),
    async durability() {
      return redisDurability(
        await within(COMMAND_TIMEOUT_MS, readRedisFacts(connection, acknowledgedReplicas)),
      );
    },
    onReconnect(listener) {
      connection.on('ready', listener);
    },
    async close() {
      await queues.closeAll();
      for (const each of connections) each.disconnect();
    },
  };
  return store;
}

/**
 * Before it writes anything, BullMQ's script that adds a job counts one up for
 * its queue. Where that is no number, Redis ends the script: a lane is sealed in
 * the store itself, which costs those that are not sealed nothing.
 */
const COUNTER = 'id';
const SEALED = 'sealed';
const NO_COUNTER = 'value is not an integer';

/** What the barrier writes; no job has this id. */
const MARK = 'acknowledged';

const REDIS_TRAITS: ConsumerTraits = {
  // BullMQ's range includes both ends.
  waitingIds: (queue, count) => queue.getRanges(['waiting'], 0, count - 1, true),
  keepsCommandOrder: true,
  givesBackToHead: true,
  mustConnectAtOnce: false,
};

/**
 * A queue that is opened asks Redis for its version, and remembers for ever when
 * the answer did not come in time: every later command would fail at once.
 */
const ASK_NOTHING_FIRST = { skipVersionCheck: true };
