import {
  createPostgresRelayBackend,
  DEFAULT_SCHEMA,
  type PostgresConnectionOptions,
  Relay,
  runMigrations,
} from 'bullmq';
import pg from 'pg';
import { LANE_WORKER_OPTIONS, RELAY_OPTIONS } from './bullmq-options.ts';
import { logConnectionError } from './connection-errors.ts';
import type { ConsumerTraits } from './consumer-traits.ts';
import { postgresDurability } from './durability.ts';
import { LaneConsumer } from './lane-consumer.ts';
import { headOf } from './lane-head.ts';
import { laneQueueName } from './lanes.ts';
import { OpenQueues } from './open-queues.ts';
import { asConnection, openPostgresQueue, openPostgresWorker } from './postgres-bullmq.ts';
import { readPostgresFacts } from './postgres-facts.ts';
import { chargeInPostgres, createRateLimits, startRateLimitSweep } from './postgres-rate-limit.ts';
import { isSealed, sealLanes } from './postgres-seal.ts';
import { startStalledCheck } from './postgres-stalled-check.ts';
import { openPostgresTurns } from './postgres-turns.ts';
import { waitingIds } from './postgres-waiting.ts';
import type { QueueStore, QueueStoreOptions } from './queue-store.ts';
import { within } from './within.ts';

const PRODUCER_TIMEOUT_MS = 900;
/** Each lane's worker and the relay keep a connection of their own to listen on. */
const MAX_CONNECTIONS = 40;

/** BullMQ's PostgreSQL backend behind {@link QueueStore}. Its migrations must have run. */
export function openPostgresStore({ url, role, log, telemetry }: QueueStoreOptions): QueueStore {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    keepAlive: true,
    options: `-c search_path=${DEFAULT_SCHEMA}`,
    connectionTimeoutMillis: PRODUCER_TIMEOUT_MS,
    ...(role === 'producer' ? { query_timeout: PRODUCER_TIMEOUT_MS } : {}),
  });
  const connection = asConnection(pool);
  pool.on('error', error => logConnectionError(log, error, 'connection'));
  const queues = new OpenQueues();
  const upkeep = role === 'worker' ? startStalledCheck(pool, log) : startRateLimitSweep(pool);
  const store: QueueStore = {
    openQueue(name) {
      const options = { connection, ...(telemetry && { telemetry }) };
      const queue = openPostgresQueue(name, options);
      queue.on('error', error => logConnectionError(log, error, name));
      return queues.add(queue);
    },
    closeQueue: queue => queues.close(queue),
    openConsumer(lane) {
      const name = laneQueueName(lane);
      const options = { ...LANE_WORKER_OPTIONS, connection, skipStalledCheck: true };
      const worker = openPostgresWorker(name, options);
      return new LaneConsumer(worker, store, POSTGRES_TRAITS, log);
    },
    openRelay: name =>
      new Relay<PostgresConnectionOptions>({
        connection,
        name,
        backend: createPostgresRelayBackend,
        ...RELAY_OPTIONS,
      }),
    openTurns: listener => openPostgresTurns(connection, listener, log),
    head: queue => headOf(queue, waitingIds),
    // Its commit is the acknowledgement; `synchronous_standby_names` is the database's own to set.
    async acknowledged() {},
    waitingIds,
    seal: epoch => sealLanes(pool, epoch),
    isSealed,
    async ping() {
      await within(PRODUCER_TIMEOUT_MS, pool.query('select 1'));
    },
    charge: (userId, charge) => chargeInPostgres(pool, userId, charge),
    durability: async () => postgresDurability(await within(PRODUCER_TIMEOUT_MS, readPostgresFacts(pool))),
    // What BullMQ was told lies in tables: a reconnection loses nothing.
    onReconnect() {},
    async close() {
      clearInterval(upkeep);
      await queues.closeAll();
      await pool.end();
    },
  };
  return store;
}

const POSTGRES_TRAITS: ConsumerTraits = {
  waitingIds,
  // Commands go out on whichever connection of the pool is free.
  keepsCommandOrder: false,
  // BullMQ would put it at the end of its lane; {@link startStalledCheck} keeps its place.
  givesBackToHead: false,
  // A queue, and a worker, keep their first attempt to connect.
  mustConnectAtOnce: true,
};

/** Brings BullMQ's tables to the version of the library, and adds ours. Safe to run from several processes at once. */
export async function migratePostgresStore(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await runMigrations(client);
    await createRateLimits(client, DEFAULT_SCHEMA);
  } finally {
    await client.end();
  }
}
