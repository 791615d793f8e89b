import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startRedis } from './redis-server.ts';
import { freshDatabase, freshRedisUrl } from './services.ts';

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // The server ends the connection when the database is dropped below it.
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

function openRedis(url: string): Redis {
  const redis = new Redis(url);
  // Losing the server is what some of these tests are about.
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
}

test('a fresh database is migrated, and apart from any other', async () => {
  const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
  const [first, second] = [await connect(one.url), await connect(other.url)];

  await first.query(`INSERT INTO users (id) VALUES ('u1')`);

  expect((await first.query('SELECT id FROM users')).rows).toEqual([{ id: 'u1' }]);
  expect((await second.query('SELECT id FROM users')).rows).toEqual([]);
});

test('a dropped database is gone, even with somebody connected', async () => {
  const database = await freshDatabase();
  await connect(database.url);

  await database.drop();

  await expect(connect(database.url)).rejects.toThrow('does not exist');
});

test('databases made all at once do not disturb one another', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => freshDatabase()));

  expect(new Set(made.map(database => database.url)).size).toBe(8);
});

test('a fresh Redis database is empty, and apart from any other', async () => {
  const urls = await Promise.all(Array.from({ length: 8 }, () => freshRedisUrl()));
  const [first, second] = urls.map(openRedis);

  await first?.set('key', 'value');

  expect(new Set(urls).size).toBe(8);
  expect(await second?.dbsize()).toBe(0);
});

test('a Redis that is killed comes back on its port with what it acknowledged', async () => {
  const server = await startRedis({ appendonly: true });
  onTestFinished(() => server.stop());
  const redis = openRedis(server.url);
  await redis.set('key', 'value');
  const firstPid = server.pid;

  await server.kill();
  await server.restart();

  expect(await redis.get('key')).toBe('value');
  expect(server.pid).not.toBe(firstPid);
});

test('a Redis on a port that another one has does not start', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());

  await expect(startRedis({ port: server.port })).rejects.toThrow(/in use/);
});
