import { Cluster, type Redis } from 'ioredis';
import { GatheringRedis } from './gathering-redis.ts';

const MAX_RECONNECT_DELAY_MS = 1000;

/** A client of the API has its 503 within a second, whatever Redis does. */
export const COMMAND_TIMEOUT_MS = 900;

/**
 * A command that timed out stays in the client's queue until it is answered, so a
 * frozen Redis would fill our memory: after this long its connection is dropped.
 */
const SILENCE_MS = 2000;

/** Longer than any of a worker's blocking reads: Relay's last 5 s. */
const LONGEST_READ_MS = 7000;

/** How a connection behaves when Redis is away. */
export interface ConnectionOptions {
  readonly commandTimeout?: number;
  readonly socketTimeout?: number;
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number | null;
  readonly autoResendUnfulfilledCommands: boolean;
}

/** A producer's client has been told 503 by then: it never repeats a command by itself. */
export const FAIL_AT_ONCE: ConnectionOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_MS,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
};

export const WAIT_FOR_EVER: ConnectionOptions = {
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: true,
};

const EVERY_CONNECTION = {
  // While Redis reads its file it is asked this often whether it has done so.
  maxLoadingRetryTime: MAX_RECONNECT_DELAY_MS,
  // After a failover behind one name we may still be connected to the old master.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
};

const CLUSTER_URL = /^redis\+cluster:\/\/(?:(?<user>[^:@]*):(?<password>[^@]*)@)?(?<hosts>[^/?]+)/;

/** Connects to what `url` names: a Redis, or a Redis Cluster. */
export function connectRedis(url: string, options: ConnectionOptions): Redis | Cluster {
  const cluster = CLUSTER_URL.exec(url)?.groups;
  if (cluster?.hosts === undefined)
    return new GatheringRedis(url, { ...options, ...EVERY_CONNECTION, retryStrategy: reconnectDelay });
  const { enableOfflineQueue, socketTimeout = LONGEST_READ_MS, ...redisOptions } = options;
  return new Cluster(cluster.hosts.split(',').map(hostAndPort), {
    enableOfflineQueue,
    clusterRetryStrategy: reconnectDelay,
    // Where the check fails, during a failover, `connect` never settles (ioredis#709), and BullMQ waits for it for ever.
    enableReadyCheck: false,
    // A master whose machine is gone does not even refuse: only silence says that another has its place.
    redisOptions: { ...redisOptions, ...EVERY_CONNECTION, socketTimeout, ...credentials(cluster) },
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
