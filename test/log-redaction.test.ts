import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../src/embedded-postgres/free-port.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../src/lanes.ts';
import { JOB_NAME, openQueueStore } from '../src/queue-store.ts';
import { tokenOf } from './api/support/tokens.ts';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { startRedis } from './support/redis-server.ts';
import { rows } from './support/rows.ts';
import { freshDatabase } from './support/services.ts';
import { ORGANIZATION_A } from './support/submissions.ts';
import { waitFor } from './support/wait-for.ts';

/*
 * The real processes at the most talkative level, through good days and bad ones:
 * whatever must stay secret is looked for in all that they write.
 */

const LANES = 2;
const JWT_SECRET = 'jwt-hunter2 is a secret that is long enough';
const ADMIN_PASSWORD = 'admin-hunter2';
const REDIS_PASSWORD = 'redis-hunter2';
/** What people write. */
const TITLE = 'title-hunter2';
const DESCRIPTION = 'description-hunter2';
const EMAIL = 'email-hunter2@example.com';
const KEY = 'key-hunter2';
const PARAMETER = 'parameter-hunter2';
const COOKIE = 'cookie-hunter2';

type Send = (
  path: string,
  options?: { method?: string; headers?: Record<string, string>; body?: string | Buffer },
) => Promise<number>;

async function startProcesses() {
  const redis = await startRedis({ args: ['--requirepass', REDIS_PASSWORD] });
  onTestFinished(() => redis.stop());
  const database = await freshDatabase();
  await rows(
    database.url,
    `insert into organizations (id, name, active) values ('${ORGANIZATION_A}', 'A', true)`,
  );
  const QUEUE_URL = `redis://:${REDIS_PASSWORD}@127.0.0.1:${redis.port}`;
  const PORT = String(await freePort());
  const environment = {
    DATABASE_URL: database.url,
    QUEUE_URL,
    PORT,
    JWT_SECRET,
    ADMIN_PASSWORD,
    LANES: String(LANES),
    LOG_LEVEL: 'trace',
    RATE_LIMIT: '2',
  };
  const start = (role: string) => {
    const started = startProduct(role, environment);
    onTestFinished(async () => {
      await started.end('SIGKILL');
    });
    return started;
  };
  const [api, worker] = [start('api'), start('worker')];
  await api.line(line => line.includes('"msg":"listening"'));
  await worker.line(line => line.includes('running these lanes'));
  const send: Send = async (path, options = {}) => {
    const response = await fetch(`http://127.0.0.1:${PORT}${path}`, options as RequestInit);
    await response.arrayBuffer();
    return response.status;
  };
  return { redis, database, queueUrl: QUEUE_URL, api, worker, send };
}

const RAISE = '/api/client/issues/raise';
/** Ten at once and two a second are let in. */
const MORE_THAN_THE_LIMIT = 40;

async function raiseEveryWay(send: Send, token: string): Promise<number[]> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    cookie: `session=${COOKIE}`,
  };
  const good = { organizationId: ORGANIZATION_A, title: TITLE, description: DESCRIPTION };
  const raise = (body: string | Buffer, more: Record<string, string> = {}, query = '') =>
    send(RAISE + query, { method: 'POST', headers: { ...headers, ...more }, body });
  const wait = { prefer: 'wait=20' };
  // On a busy machine the answer may be late, or 503.
  const toTheEnd = (ask: () => Promise<number>) =>
    waitFor(async () => [await ask()].find(status => status !== 202 && status !== 503));
  const known = { ...wait, 'idempotency-key': KEY };
  return [
    await toTheEnd(() => raise(JSON.stringify(good), known, `?access_token=${PARAMETER}`)),
    await toTheEnd(() => raise(JSON.stringify({ ...good, title: `${TITLE} other` }), known)),
    await toTheEnd(() => raise(JSON.stringify({ ...good, organizationId: randomUUID() }), wait)),
    await raise(JSON.stringify({ ...good, priority: DESCRIPTION, [TITLE]: EMAIL })),
    await raise(`{"title":"${TITLE}`),
    await raise(Buffer.from(`{"title":"${TITLE}\xff"}`, 'latin1')),
    await raise(JSON.stringify({ ...good, description: `${DESCRIPTION}\0` })),
    await raise(DESCRIPTION.repeat(10_000)),
    await raise(TITLE, { 'content-type': `text/${TITLE}` }),
    await raise(JSON.stringify(good), { 'idempotency-key': `${KEY} ä`.slice(0, -1) }),
    ...(await Promise.all(Array.from({ length: MORE_THAN_THE_LIMIT }, () => raise(JSON.stringify(good))))),
  ];
}

async function knockEveryWay(send: Send, token: string): Promise<number[]> {
  const basic = Buffer.from(`admin:${ADMIN_PASSWORD}-wrong`).toString('base64');
  return [
    await send(`/api/client/issues?token=${PARAMETER}`, { headers: { authorization: `Bearer ${token}x` } }),
    await send('/api/client/issues', { headers: { authorization: `Basic ${PARAMETER}` } }),
    await send(`/api/client/issues?cursor=${PARAMETER}`, { headers: { authorization: `Bearer ${token}` } }),
    await send('/admin/queues', { headers: { authorization: `Basic ${basic}` } }),
    await send(`/nothing?password=${PARAMETER}`),
    await send(`/%zz?password=${PARAMETER}`),
  ];
}

/** What the API lets nobody raise: its failure comes from the driver, with the row. */
async function putOnLane(queueUrl: string, userId: string, title: string): Promise<void> {
  const store = openQueueStore({ url: queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
  const lane = allLanes(LANES)[laneIndexOf(userId, LANES)];
  if (lane === undefined) throw new Error('there are two lanes');
  const data = { userId, organizationId: ORGANIZATION_A, title, description: DESCRIPTION, email: EMAIL };
  await store.openQueue(laneQueueName(lane)).add(JOB_NAME, data, { jobId: randomUUID() });
  await store.close();
}

function secretsOf(databaseUrl: string, token: string): string[] {
  const { password } = new URL(databaseUrl);
  const [, payload = '', signature = ''] = token.split('.');
  const told = [TITLE, DESCRIPTION, EMAIL, KEY, PARAMETER, COOKIE];
  return [...told, JWT_SECRET, ADMIN_PASSWORD, REDIS_PASSWORD, password, payload, signature].filter(Boolean);
}

function linesWith(secrets: readonly string[], ...processes: ProductProcess[]): string[] {
  return processes.flatMap(({ lines }) =>
    lines.filter(line => secrets.some(secret => line.includes(secret))),
  );
}

test('whatever happens, no log holds a secret or what people write', async () => {
  const { redis, database, queueUrl, api, worker, send } = await startProcesses();
  const token = await tokenOf('ann', { email: EMAIL }, JWT_SECRET);
  const secrets = secretsOf(database.url, token);

  const raised = await raiseEveryWay(send, token);
  expect(raised.slice(0, 3)).toEqual([201, 422, 422]);
  expect(raised).toContain(429);
  expect(await knockEveryWay(send, token)).toEqual([401, 401, 400, 401, 404, 400]);

  await putOnLane(queueUrl, 'bob', `${TITLE}\0`);
  await putOnLane(queueUrl, 'bob', TITLE.repeat(100));
  await waitFor(() => worker.lines.filter(line => line.includes('"msg":"failed"')).length === 2);

  await rows(database.url, 'alter table issues rename to issues_away');
  await putOnLane(queueUrl, 'bob', TITLE);
  await worker.line(line => line.includes('the lane waits'));

  await redis.kill();
  expect(await send('/readyz')).toBe(503);
  await waitFor(() => worker.lines.some(line => line.includes('queue store connection')));

  for (const process of [api, worker]) await process.end('SIGTERM');
  expect(api.lines.length).toBeGreaterThan(15);
  expect(linesWith(secrets, api, worker)).toEqual([]);
});
