import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../src/embedded-postgres/free-port.ts';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { type RedisOptions, startRedis } from './support/redis-server.ts';
import { rows } from './support/rows.ts';
import { freshDatabase } from './support/services.ts';
import { ORGANIZATION_A } from './support/submissions.ts';
import { asObject } from './support/system.ts';
import { openTcpProxy } from './support/tcp-proxy.ts';
import { TOKEN_SECRET, tokenOf } from './support/tokens.ts';
import { waitFor } from './support/wait-for.ts';

/*
 * Processes that a supervisor starts before what they need is there.
 */

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A place for both stores, and the addresses at which they will be. */
async function place(options: RedisOptions = {}) {
  const database = await freshDatabase();
  await rows(database.url, `insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A')`);
  const proxy = await openTcpProxy(database.url);
  const redisPort = await freePort();
  cleanUps.push(
    () => database.drop(),
    () => proxy.close(),
  );
  const environment = {
    DATABASE_URL: proxy.url,
    QUEUE_URL: `redis://127.0.0.1:${redisPort}`,
    JWT_SECRET: TOKEN_SECRET,
    LANES: '2',
  };
  return {
    database,
    proxy,
    environment,
    async startRedis() {
      const redis = await startRedis({ port: redisPort, ...options });
      cleanUps.push(() => redis.stop());
      return redis;
    },
  };
}

function start(role: string, environment: Record<string, string>): ProductProcess {
  const product = startProduct(role, environment);
  cleanUps.push(() => product.end('SIGTERM'));
  return product;
}

function apiAt(port: number) {
  const address = `http://127.0.0.1:${port}`;
  return {
    async ask(path: string, method = 'GET') {
      const headers = {
        authorization: `Bearer ${await tokenOf('u1')}`,
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      };
      const body = JSON.stringify({ organizationId: ORGANIZATION_A, title: 'The tap drips' });
      const answer = await fetch(address + path, { method, headers, ...(method === 'POST' ? { body } : {}) });
      const { code, ...rest } = asObject(await answer.json());
      return {
        line: `${answer.status} ${code ?? 'ok'}`,
        retryAfter: answer.headers.get('retry-after'),
        ...rest,
      };
    },
  };
}

/** Waiting for the store to answer would take longer. */
const AT_ONCE_MS = 5000;

const isWaiting = (line: string) => line.includes('waiting for the queue store');

it('an API without its stores lives, says that it waits, and is ready when Redis is there', async () => {
  const { environment, proxy, startRedis } = await place();
  proxy.cut();
  const port = await freePort();
  const { ask } = apiAt(port);

  const api = start('api', { ...environment, PORT: String(port) });
  await api.line(isWaiting);
  await waitFor(() =>
    ask('/healthz').then(
      () => true,
      () => false,
    ),
  );
  const before = [await ask('/healthz'), await ask('/readyz'), await ask('/api/client/issues/raise', 'POST')];
  await startRedis();
  await api.line(line => line.includes('"listening"'));
  const ready = await ask('/readyz');
  const raised = await ask('/api/client/issues/raise', 'POST');

  expect(before.map(({ line }) => line)).toEqual(['200 ok', '503 not_ready', '503 queue_unavailable']);
  expect(before.map(({ retryAfter }) => retryAfter)).toEqual([null, '1', '1']);
  expect(ready).toMatchObject({ line: '200 ok', queue: 'up', database: 'down' });
  expect(raised.line).toBe('202 ok');
});

it('what was accepted before PostgreSQL was there is applied by a worker that started without either', async () => {
  const { environment, database, proxy, startRedis } = await place();
  proxy.cut();
  const port = await freePort();
  const worker = start('worker', environment);
  const api = start('api', { ...environment, PORT: String(port) });
  await worker.line(isWaiting);

  await startRedis();
  await api.line(line => line.includes('"listening"'));
  const raised = await apiAt(port).ask('/api/client/issues/raise', 'POST');
  await worker.line(line => line.includes('running these lanes'));
  proxy.mend();

  expect(raised.line).toBe('202 ok');
  await waitFor(async () => (await rows(database.url, 'select 1 from issues')).length === 1);
});

it('it says that it waits soon, and then every 5 s, once', async () => {
  const { environment } = await place();
  const worker = start('worker', environment);

  await worker.line(isWaiting);
  const began = performance.now();
  await waitFor(() => worker.lines.filter(isWaiting).length === 2);

  const seconds = (performance.now() - began) / 1000;
  expect(seconds).toBeGreaterThan(4.5);
  expect(seconds).toBeLessThan(8);
});

it('a Redis that is still reading its file is waited for', async () => {
  const slow = ['--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024'];
  const { environment, startRedis } = await place({ appendonly: true, args: slow });
  const redis = await startRedis();
  const admin = new Redis(redis.url, { enableReadyCheck: false });
  await admin.mset(Array.from({ length: 300 }, (_, n) => [`filler:${n}`, 'x'.repeat(2000)]).flat());
  await admin.bgrewriteaof();
  await waitFor(async () => /aof_rewrite_in_progress:0/.test(await admin.info('persistence')));
  cleanUps.push(async () => admin.disconnect());
  admin.on('error', () => {});
  await redis.kill();
  const port = await freePort();
  const api = start('api', { ...environment, PORT: String(port) });
  await api.line(isWaiting);

  const loading = redis.restart();
  await waitFor(async () => /LOADING/.test(await admin.get('filler:1').then(String, String)));
  const before = await apiAt(port).ask('/readyz');
  await loading;

  await api.line(line => line.includes('"listening"'));
  expect(before.line).toBe('503 not_ready');
  expect((await apiAt(port).ask('/readyz')).line).toBe('200 ok');
});

it.for([
  ['api', 'redis'],
  ['worker', 'redis'],
  ['api', 'postgres'],
  ['worker', 'postgres'],
] as const)('SIGTERM ends an %s that waits for its %s at once', async ([role, kind]) => {
  const { environment, proxy } = await place();
  proxy.cut();
  const queueUrl = kind === 'postgres' ? environment.DATABASE_URL : environment.QUEUE_URL;
  const product = start(role, { ...environment, QUEUE_URL: queueUrl, PORT: '0' });
  await product.line(isWaiting);

  const began = performance.now();
  const code = await product.end('SIGTERM');

  expect(code).toBe(0);
  expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
});
