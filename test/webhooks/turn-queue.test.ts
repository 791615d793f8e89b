import { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openQueueStore } from '../../src/queue-store.ts';
import { TimeoutError } from '../../src/within.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** What BullMQ counts up for each job that it is given, also for one that it has. */
const COUNTER = 'issue-intake:{webhooks}:id';

async function setup() {
  const redis = await startRedis({ appendonly: true });
  onTestFinished(() => redis.stop());
  const store = openQueueStore({ url: redis.url, role: 'worker', log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  const turns = store.openTurns({ take: async () => {}, ended: () => {} });
  // It is at work when it has taken one.
  await turns.add(['before']);
  return { redis, store, turns };
}

const OUTAGES: [string, (redis: RedisServer) => Promise<void>, (redis: RedisServer) => Promise<void>][] = [
  ['hangs', async redis => redis.freeze(), async redis => redis.thaw()],
  ['is gone', redis => redis.kill(), redis => redis.restart()],
];

test.each(OUTAGES)(
  'while Redis %s, turns that are wanted again and again wait for it once',
  async (_, begin, end) => {
    const { redis, store, turns } = await setup();
    await begin(redis);

    const wanted = Array.from({ length: 5 }, () => turns.add(['a', 'b']));
    const answers = await Promise.allSettled(wanted);
    await end(redis);
    // It goes the way of the others, behind them.
    await waitFor(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );

    const reasons = answers.map(answer => answer.status === 'rejected' && answer.reason);
    expect(reasons).toEqual(Array(5).fill(expect.any(TimeoutError)));
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    expect(await client.get(COUNTER)).toBe('3');
    await turns.add(['a']);
    expect(await client.get(COUNTER)).toBe('4');
  },
);
