import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../src/embedded-postgres/free-port.ts';
import { openQueueStore } from '../src/queue-store.ts';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { startRedis } from './support/redis-server.ts';
import { freshDatabase } from './support/services.ts';
import { TOKEN_SECRET } from './support/tokens.ts';
import { waitFor } from './support/wait-for.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function redisOf(...args: string[]) {
  const redis = await startRedis({ args });
  cleanUps.push(() => redis.stop());
  const admin = new Redis(redis.url);
  admin.on('error', () => {});
  cleanUps.push(() => admin.disconnect());
  return { redis, admin };
}

async function start(role: string, queueUrl: string, environment: Record<string, string> = {}) {
  const database = await freshDatabase();
  const port = await freePort();
  const product = startProduct(role, {
    DATABASE_URL: database.url,
    QUEUE_URL: queueUrl,
    JWT_SECRET: TOKEN_SECRET,
    PORT: String(port),
    LANES: '2',
    ...environment,
  });
  cleanUps.push(
    () => database.drop(),
    () => product.end('SIGTERM'),
  );
  return { product, ready: () => askReady(port) };
}

async function askReady(port: number): Promise<unknown> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    answer => answer.json(),
    () => undefined,
  );
}

/** What it printed that is no line of its log. */
function words(product: ProductProcess): string[] {
  return product.lines.filter(line => !line.startsWith('{'));
}

const PRODUCTION = { NODE_ENV: 'production' };

it.for([
  ['api', '--appendonly', 'no', 'appendonly'],
  ['worker', '--appendonly', 'no', 'appendonly'],
  ['api', '--maxmemory-policy', 'allkeys-lru', 'maxmemory-policy'],
  ['worker', '--maxmemory-policy', 'volatile-lru', 'maxmemory-policy'],
] as const)(
  'in production the %s does not start on a Redis with %s %s, and says in one line how to mend it',
  async ([role, name, value, setting]) => {
    const { redis } = await redisOf('--appendonly', 'yes', name, value);
    const { product } = await start(role, redis.url, PRODUCTION);

    expect(await product.ended).toBe(1);
    expect(words(product)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^issue-intake ${role}: Redis at .*\\(${setting} is ${value}\\); set "${setting} .*ALLOW_VOLATILE_QUEUE=1`,
        ),
      ),
    ]);
  },
);

it('a queue that may lose submissions is taken where that is allowed, and outside production', async () => {
  const { redis } = await redisOf();
  const allowed = await start('api', redis.url, { ...PRODUCTION, ALLOW_VOLATILE_QUEUE: '1' });
  const developing = await start('worker', redis.url);

  await allowed.product.line(line => line.includes('appendonly is no') && line.includes('warn'));
  await developing.product.line(line => line.includes('appendonly is no') && line.includes('warn'));
  await allowed.product.line(line => line.includes('"listening"'));
  expect(await allowed.ready()).toMatchObject({ status: 'ready', accepted: { survives: 'nothing' } });
});

it('the readiness says what an accepted submission survives, and follows another Redis', async () => {
  const { redis, admin } = await redisOf('--appendonly', 'yes', '--appendfsync', 'everysec');
  const { product, ready } = await start('api', redis.url, PRODUCTION);
  await product.line(line => line.includes('"listening"'));

  const before = await ready();
  await admin.config('SET', 'appendfsync', 'always');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

  expect(before).toMatchObject({
    accepted: { survives: 'process', detail: 'a crash of the machine can lose the last second' },
  });
  await waitFor(async () => JSON.stringify(await ready()).includes('"machine"'));
  expect(product.child.exitCode).toBeNull();
});

it('a Redis that becomes volatile while the process runs stops nothing, and is logged', async () => {
  const { redis, admin } = await redisOf('--appendonly', 'yes');
  const { product, ready } = await start('worker', redis.url, PRODUCTION);
  await product.line(line => line.includes('running these lanes'));

  await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

  await product.line(line => line.includes('maxmemory-policy is allkeys-random'));
  expect(product.child.exitCode).toBeNull();
  expect(await ready()).toBeUndefined();
});

it.for([
  ['yes', 'noeviction', 'process', []],
  ['no', 'noeviction', 'unknown', []],
  ['no', 'allkeys-lru', 'nothing', [expect.stringContaining('may evict')]],
] as const)(
  'where CONFIG is forbidden, INFO tells what it can: appendonly %s, %s',
  async ([appendonly, policy, survives, complaints]) => {
    const { redis, admin } = await redisOf('--appendonly', appendonly, '--maxmemory-policy', policy);
    await admin.acl('SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const url = redis.url.replace('redis://', 'redis://managed:secret@');
    const store = openQueueStore({ url, role: 'producer', log: pino({ level: 'silent' }) });
    cleanUps.push(() => store.close());
    await waitFor(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );

    expect(await store.durability()).toMatchObject({ survives, complaints });
  },
);

it('a Redis that forbids both tells nothing, and is not refused for that', async () => {
  const { redis, admin } = await redisOf();
  await admin.acl('SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-config', '-info');
  const url = redis.url.replace('redis://', 'redis://managed:secret@');
  const store = openQueueStore({ url, role: 'worker', log: pino({ level: 'silent' }) });
  cleanUps.push(() => store.close());

  const durability = await waitFor(() => store.durability().catch(() => undefined));

  expect(durability).toMatchObject({ survives: 'unknown', complaints: [] });
});
