import type { Redis } from 'ioredis';
import { allLanes, laneQueueName } from '../../../src/lanes.ts';

/*
 * The lanes as they lie in Redis, for the suite to look at from outside.
 */

const PREFIX = 'issue-intake';
const LANE_COUNT_KEY = `${PREFIX}:{settings}:lanes`;

/** What the suite saw on the lanes, in the same moment in which it emptied the store. */
export interface Flushed {
  /** The submissions that waited or were being applied. */
  readonly queued: readonly string[];
  /** Those that had been refused. */
  readonly failed: readonly string[];
}

function keysOf(lanes: number, part: string): string[] {
  return allLanes(lanes).map(lane => `${PREFIX}:${laneQueueName(lane)}:${part}`);
}

/** How many jobs wait or are active. @throws when Redis does not answer */
export async function backlogOf(redis: Redis, lanes: number): Promise<number> {
  const pipeline = redis.pipeline();
  for (const key of [...keysOf(lanes, 'wait'), ...keysOf(lanes, 'active')]) pipeline.llen(key);
  const answers = (await pipeline.exec()) ?? [];
  return answers.reduce((sum, [error, length]) => {
    if (error) throw error;
    return sum + Number(length);
  }, 0);
}

/** FLUSHALL, and what it took with it. */
export async function flushAll(redis: Redis, lanes: number): Promise<Flushed> {
  const queued = ['wait', 'active'].flatMap(part => keysOf(lanes, part));
  const failed = keysOf(lanes, 'failed');
  const transaction = redis.multi();
  for (const key of queued) transaction.lrange(key, 0, -1);
  for (const key of failed) transaction.zrange(key, '0', '-1');
  const answers = (await transaction.flushall().exec()) ?? [];
  const ids = answers.slice(0, -1).map(([error, found]) => {
    if (error) throw error;
    return Array.isArray(found) ? found.map(String) : [];
  });
  return { queued: ids.slice(0, queued.length).flat(), failed: ids.slice(queued.length).flat() };
}

/** Whether what order rests on is in the store: the number of lanes, and one job at a time on each. */
export async function isRestored(redis: Redis, lanes: number): Promise<boolean> {
  const limits = await Promise.all(keysOf(lanes, 'meta').map(key => redis.hget(key, 'concurrency')));
  return (await redis.exists(LANE_COUNT_KEY)) === 1 && limits.every(limit => limit === '1');
}
