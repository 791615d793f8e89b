import { Queue, Relay, Worker } from 'bullmq';
import { Cluster, type Redis } from 'ioredis';
import { LANE_WORKER_OPTIONS, RELAY_OPTIONS } from './bullmq-options.ts';
import { GatheringRedis } from './gathering-redis.ts';
import { type ConsumerTraits, LaneConsumer } from './lane-consumer.ts';
import { laneQueueName } from './lanes.ts';
import type { LaneQueue, LaneWorker, QueueStore, QueueStoreOptions } from './queue-store.ts';
import { within } from './within.ts';

const DEFAULT_PREFIX = 'issue-intake';
const MAX_RECONNECT_DELAY_MS = 1000;

/** A client of the API has its 503 within a second, whatever Redis does. */
const COMMAND_TIMEOUT_MS = 900;

/** Redis, Valkey or Redis Cluster behind {@link QueueStore}. */
export function openRedisStore({ url, role, log, prefix = DEFAULT_PREFIX }: QueueStoreOptions): QueueStore {
  const connections: (Redis | Cluster)[] = [];
  const open = (options: ConnectionOptions) => {
    const opened = connect(url, options);
    opened.on('error', error => log.warn({ err: error }, 'queue store connection'));
    connections.push(opened);
    return opened;
  };
  const connection = open(role === 'producer' ? FAIL_AT_ONCE : WAIT_FOR_EVER);
  const queues: LaneQueue[] = [];

  const store: QueueStore = {
    openQueue(name) {
      const queue: LaneQueue = new Queue(name, { connection, prefix });
      queue.on('error', error => log.warn({ err: error, queue: name }, 'queue'));
      queues.push(queue);
      return queue;
    },
    openConsumer(lane) {
      const name = laneQueueName(lane);
      const worker: LaneWorker = new Worker(name, null, { ...LANE_WORKER_OPTIONS, connection, prefix });
      return new LaneConsumer(worker, store.openQueue(name), REDIS_TRAITS, log);
    },
    // Its blocking reads would not survive a producer's command timeout.
    openRelay: name => new Relay({ connection: open(WAIT_FOR_EVER), prefix, name, ...RELAY_OPTIONS }),
    async ping() {
      await within(COMMAND_TIMEOUT_MS, connection.ping());
    },
    onReconnect(listener) {
      connection.on('ready', listener);
    },
    async close() {
      await Promise.all(queues.map(queue => queue.close()));
      for (const each of connections) each.disconnect();
    },
  };
  return store;
}

const REDIS_TRAITS: ConsumerTraits = {
  // BullMQ's range includes both ends.
  waitingIds: (queue, count) => queue.getRanges(['waiting'], 0, count - 1, true),
  keepsCommandOrder: true,
  givesBackToHead: true,
};

interface ConnectionOptions {
  readonly commandTimeout?: number;
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number | null;
  readonly autoResendUnfulfilledCommands: boolean;
}

/** A producer's client has been told 503 by then: it never repeats a command by itself. */
const FAIL_AT_ONCE: ConnectionOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
};

const WAIT_FOR_EVER: ConnectionOptions = {
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: true,
};

const CLUSTER_URL = /^redis\+cluster:\/\/(?:(?<user>[^:@]*):(?<password>[^@]*)@)?(?<hosts>[^/?]+)/;

function connect(url: string, options: ConnectionOptions): Redis | Cluster {
  const cluster = CLUSTER_URL.exec(url)?.groups;
  if (cluster?.hosts === undefined)
    return new GatheringRedis(url, { ...options, retryStrategy: reconnectDelay });
  const { enableOfflineQueue, ...redisOptions } = options;
  return new Cluster(cluster.hosts.split(',').map(hostAndPort), {
    enableOfflineQueue,
    clusterRetryStrategy: reconnectDelay,
    redisOptions: { ...redisOptions, ...credentials(cluster) },
  });
}

function reconnectDelay(attempt: number): number {
  return Math.min(50 * 2 ** attempt, MAX_RECONNECT_DELAY_MS);
}

function credentials({ user, password }: Record<string, string | undefined>) {
  return {
    ...(user ? { username: decodeURIComponent(user) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
  };
}

function hostAndPort(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`);
  return { host: hostname, port: Number(port || 6379) };
}
