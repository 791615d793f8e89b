import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserLimit } from '../../src/api/user-limit.ts';
import { openQueueStore, type QueueStore } from '../../src/queue-store.ts';
import type { Charged } from '../../src/rate-limit.ts';
import { startRedis } from '../support/redis-server.ts';
import { STORES } from '../support/stores.ts';
import { WAIT_MS } from '../support/wait-for.ts';

const LOG = pino({ level: 'silent' });
const PATIENTLY = { timeout: WAIT_MS, interval: 100 };

/** So slow that a test sees nothing leak out. */
const SLOW = { perSecond: 0.01, burst: 100 };

async function openStore(url: string, role: 'producer' | 'worker' = 'worker'): Promise<QueueStore> {
  const store = openQueueStore({ url, role, log: LOG });
  onTestFinished(() => store.close());
  await vi.waitFor(() => store.ping(), PATIENTLY);
  return store;
}

/** How many of `count` raises at once are let in. */
async function admitted(limit: UserLimit, count: number, userId = 'u'): Promise<number> {
  const all = await Promise.all(Array.from({ length: count }, () => limit.admit(userId)));
  return all.filter(({ ok }) => ok).length;
}

/** A store that must not be asked. */
const UNASKED = {
  async charge(): Promise<Charged> {
    throw new Error('the store was asked');
  },
};

describe.each(STORES)('on %s', (_name, freshUrl) => {
  test('one process lets in exactly the burst', async () => {
    const limit = new UserLimit(await openStore(await freshUrl()), SLOW, LOG, WAIT_MS);

    expect(await admitted(limit, 250)).toBe(100);
    expect(await limit.admit('u')).toMatchObject({ ok: false, remaining: 0, seconds: expect.any(Number) });
  });

  test('after the burst one more is let in as often as the limit says', async () => {
    const limit = new UserLimit(
      await openStore(await freshUrl()),
      { perSecond: 50, burst: 20 },
      LOG,
      WAIT_MS,
    );
    const began = performance.now();

    let count = 0;
    while (performance.now() - began < 1000) if ((await limit.admit('u')).ok) count++;

    const seconds = (performance.now() - began) / 1000;
    expect(count).toBeLessThanOrEqual(20 + 50 * seconds);
    expect(count).toBeGreaterThan(20);
  });

  test('processes share one bucket, but for a share of each', async () => {
    const url = await freshUrl();
    const limits = await Promise.all(
      [1, 2, 3].map(async () => new UserLimit(await openStore(url), SLOW, LOG, WAIT_MS)),
    );

    const counts = await Promise.all(limits.map(limit => admitted(limit, 150)));

    const all = counts.reduce((sum, count) => sum + count, 0);
    expect(all).toBeGreaterThanOrEqual(100);
    expect(all).toBeLessThanOrEqual(100 + 3 * 5);
  });

  test('one user’s flood is no other’s', async () => {
    const limit = new UserLimit(await openStore(await freshUrl()), SLOW, LOG, WAIT_MS);
    await admitted(limit, 200, 'flood');

    expect(await admitted(limit, 50, "it's another; {lane-00-16}")).toBe(50);
  });

  test('what is charged at the same time is charged one after the other', async () => {
    const url = await freshUrl();
    const stores = await Promise.all([openStore(url), openStore(url)]);
    const charge = { limit: SLOW, debt: 0, wanted: 13 };

    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => stores[index % 2]?.charge('u', charge)),
    );

    expect(answers.reduce((sum, answer) => sum + (answer?.granted ?? 0), 0)).toBe(100);
  });

  test('a debt counts even where there is no room for it, and leaks out', async () => {
    const store = await openStore(await freshUrl());
    const limit = { perSecond: 1000, burst: 10 };

    const first = await store.charge('u', { limit, debt: 50, wanted: 1 });

    expect(first.granted).toBe(0);
    expect(first.level).toBeCloseTo(50, 0);
    const granted = async () => (await store.charge('u', { limit, debt: 0, wanted: 1 })).granted;
    await vi.waitFor(async () => expect(await granted()).toBe(1), PATIENTLY);
  });
});

test('a user who raises little costs the store nothing', async () => {
  const limit = new UserLimit(UNASKED, { perSecond: 20, burst: 100 }, LOG);

  expect(await admitted(limit, 5)).toBe(5);
});

test('most raises are decided in the same turn', () => {
  const limit = new UserLimit(UNASKED, { perSecond: 20, burst: 100 }, LOG);

  expect(limit.admit('u')).toEqual({ ok: true, remaining: 99, seconds: 1 });
});

test('one who is refused costs the store nothing until there is room again', async () => {
  let asked = 0;
  const full = {
    async charge(): Promise<Charged> {
      asked++;
      return { granted: 0, level: 100 };
    },
  };
  const limit = new UserLimit(full, SLOW, LOG);

  await admitted(limit, 100);

  expect(asked).toBe(1);
});

test('while the store does not answer, each process holds the limit by itself, and nobody waits twice', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const limit = new UserLimit(await openStore(redis.url, 'producer'), SLOW, LOG);
  redis.freeze();
  await admitted(limit, 6, 'first');

  const others = Array.from({ length: 250 }, () => limit.admit('u'));

  expect(others.filter(answer => answer instanceof Promise)).toEqual([]);
  expect((await Promise.all(others)).filter(({ ok }) => ok)).toHaveLength(100);
});

test('when the store is back, it is asked again', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const [one, other] = await Promise.all(
    [1, 2].map(async () => new UserLimit(await openStore(redis.url, 'producer'), SLOW, LOG)),
  );
  if (one === undefined || other === undefined) throw new Error('there are two');
  redis.freeze();
  await admitted(one, 60);
  redis.thaw();

  // It asks again by itself, after a while.
  await vi.waitFor(() => expect(one.admit('u')).toBeInstanceOf(Promise), PATIENTLY);
  await admitted(one, 20);

  // What was let in meanwhile is in the shared bucket, too.
  expect(await admitted(other, 50)).toBeLessThanOrEqual(5);
});
