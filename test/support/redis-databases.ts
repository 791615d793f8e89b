import { Redis } from 'ioredis';

/** Database 0 only holds the count of the databases given out, and which of them this run got. */
const COUNTER = 'issue-intake-tests:databases';
const usedBy = (run: string) => `issue-intake-tests:used:${run}`;

/** After this time a run that never cleaned up is forgotten, and numbers are counted from one again. */
const FORGET_SECONDS = 3600;

/** @throws when no Redis answers at once: then no test needs to try */
export async function checkRedis(serverUrl: string): Promise<void> {
  const redis = new Redis(serverUrl, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    throw new Error(`no Redis can be used at ${new URL(serverUrl).host}`, { cause });
  } finally {
    redis.disconnect();
  }
}

/** The URL of a database that was empty and that nobody else is given. */
export async function claimDatabase(serverUrl: string, run: string): Promise<string> {
  const redis = new Redis(atDatabase(serverUrl, 0));
  try {
    for (;;) {
      const number = await redis.incr(COUNTER);
      await redis.sadd(usedBy(run), number);
      await Promise.all([COUNTER, usedBy(run)].map(key => redis.expire(key, FORGET_SECONDS)));
      if (await isEmpty(redis, number)) return atDatabase(serverUrl, number);
      // A Redis from REDIS_URL may hold something already, which is not ours to use or remove.
      await redis.srem(usedBy(run), number);
    }
  } finally {
    redis.disconnect();
  }
}

/** Empties the databases that `run` was given. */
export async function releaseDatabases(serverUrl: string, run: string): Promise<void> {
  const redis = new Redis(atDatabase(serverUrl, 0));
  try {
    for (const number of await redis.smembers(usedBy(run))) {
      await redis.multi().select(Number(number)).flushdb().select(0).exec();
    }
    await redis.del(usedBy(run));
  } finally {
    redis.disconnect();
  }
}

async function isEmpty(redis: Redis, number: number): Promise<boolean> {
  try {
    await redis.select(number);
    return (await redis.dbsize()) === 0;
  } catch (cause) {
    throw new Error('the tests need a Redis with more databases: start it with --databases 1024', { cause });
  } finally {
    await redis.select(0);
  }
}

function atDatabase(serverUrl: string, number: number): string {
  const url = new URL(serverUrl);
  url.pathname = `/${number}`;
  return url.href;
}
