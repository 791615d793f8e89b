import type { EnvironmentReader } from './environment.ts';

/*
 * What this process asks of the queue store, and how much it may put there.
 */

/**
 * About 1.1 GB of Redis for submissions of some hundred characters (1,107 bytes
 * each, docs/performance.md), and an hour without PostgreSQL at 280 a second.
 */
const DEFAULT_BACKLOG_LIMIT = 1_000_000;
/** More than a fair share of sixteen: users who share a lane by chance do not meet it first. */
const DEFAULT_LANE_BACKLOG_LIMIT = 100_000;
const MOST_BACKLOG = 100_000_000;

const MOST_REPLICAS = 9;

export interface BacklogConfig {
  /** Most submissions that may wait, on all lanes and on each; Infinity for any number. */
  readonly backlogLimits: { readonly inAll: number; readonly perLane: number };
}

export interface VolatileConfig {
  /** Whether a queue store that may lose submissions stops the start. */
  readonly refuseVolatile: boolean;
}

export function backlog(reader: EnvironmentReader): BacklogConfig {
  return {
    backlogLimits: {
      inAll: reader.limit('BACKLOG_LIMIT', MOST_BACKLOG, DEFAULT_BACKLOG_LIMIT),
      perLane: reader.limit('LANE_BACKLOG_LIMIT', MOST_BACKLOG, DEFAULT_LANE_BACKLOG_LIMIT),
    },
  };
}

/** In production it does, unless it is allowed. */
export function volatile(reader: EnvironmentReader): VolatileConfig {
  const allowed = reader.oneOf('ALLOW_VOLATILE_QUEUE', ['1', '0'], '0') === '1';
  return { refuseVolatile: reader.text('NODE_ENV') === 'production' && !allowed };
}

/** How many replicas of the Redis must have a submission before it counts as accepted. */
export function acknowledgedReplicas(reader: EnvironmentReader): number {
  const replicas = reader.integer('ACKNOWLEDGED_REPLICAS', 0, MOST_REPLICAS, 0);
  if (replicas > 0 && !reader.text('QUEUE_URL')?.startsWith('redis')) {
    reader.mistake('ACKNOWLEDGED_REPLICAS', 'needs a QUEUE_URL that is a Redis; unset it, or set that');
  }
  return replicas;
}
