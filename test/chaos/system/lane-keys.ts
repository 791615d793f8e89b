import type { Redis } from 'ioredis';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Epoch, laneQueueName, lanesOf } from '../../../src/lanes.ts';

/*
 * The lanes as they lie in Redis, for the suite to look at from outside.
 */

const PREFIX = 'issue-intake';
const SETTINGS = `${PREFIX}:{settings}`;

/** What the suite saw on the lanes, in the same moment in which it emptied the store. */
export interface Flushed {
  /** The submissions that waited or were being applied. */
  readonly queued: readonly string[];
  /** Those that had been refused. */
  readonly failed: readonly string[];
}

const Lanes = Type.Object({ lanes: Type.Integer() });

/** All that the store knows of. @throws when Redis does not answer */
async function epochsIn(redis: Redis): Promise<Epoch[]> {
  const records = await redis.lrange(`${SETTINGS}:wait`, 0, -1);
  const epochs = records.map(async record => {
    const { number } = /^lanes-?(?<number>\d*)$/.exec(record)?.groups ?? {};
    const data = number === undefined ? null : await redis.hget(`${SETTINGS}:${record}`, 'data');
    return data === null ? [] : [{ number: Number(number) || 1, ...Value.Parse(Lanes, JSON.parse(data)) }];
  });
  return (await Promise.all(epochs)).flat().toSorted((one, other) => one.number - other.number);
}

function keysOf(epochs: readonly Epoch[], part: string): string[] {
  return epochs.flatMap(lanesOf).map(lane => `${PREFIX}:${laneQueueName(lane)}:${part}`);
}

/** How many jobs wait or are active. @throws when Redis does not answer */
export async function backlogOf(redis: Redis): Promise<number> {
  const epochs = await epochsIn(redis);
  const pipeline = redis.pipeline();
  for (const key of [...keysOf(epochs, 'wait'), ...keysOf(epochs, 'active')]) pipeline.llen(key);
  const answers = (await pipeline.exec()) ?? [];
  return answers.reduce((sum, [error, length]) => {
    if (error) throw error;
    return sum + Number(length);
  }, 0);
}

/** One script, so that nothing is added between the look and the loss, on whichever lanes there are. */
const FLUSH = `
  local function all(part, command)
    local ids = {}
    for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':{lane-*}:' .. part)) do
      for _, id in ipairs(redis.call(command, key, 0, -1)) do ids[#ids + 1] = id end
    end
    return ids
  end
  local waiting, active, failed = all('wait', 'LRANGE'), all('active', 'LRANGE'), all('failed', 'ZRANGE')
  redis.call('FLUSHALL')
  return {waiting, active, failed}`;

const Flush = Type.Tuple([Type.Array(Type.String()), Type.Array(Type.String()), Type.Array(Type.String())]);

/** FLUSHALL, and what it took with it. */
export async function flushAll(redis: Redis): Promise<Flushed> {
  const [waiting, active, failed] = Value.Parse(Flush, await redis.eval(FLUSH, 0, PREFIX));
  return { queued: [...waiting, ...active], failed };
}

/** Whether what order rests on is in the store: the number of lanes, and one job at a time on each that is served last. */
export async function isRestored(redis: Redis): Promise<boolean> {
  const newest = (await epochsIn(redis)).slice(-1);
  const limits = await Promise.all(keysOf(newest, 'meta').map(key => redis.hget(key, 'concurrency')));
  return limits.length > 0 && limits.every(limit => limit === '1');
}
