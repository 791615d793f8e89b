import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type EventStream, openEventStream } from '../support/event-stream.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { type StoreKind, type System, type SystemOptions, startSystem } from '../support/system.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { TOKEN_SECRET, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';

const STORES: StoreKind[] = ['redis', 'postgres'];
const LANES = 4;

/** A process is the same on both; so many cost seconds of CPU, once is enough. */
const CLIENTS: Record<StoreKind, number> = { redis: 2000, postgres: 500 };

/** Only a heartbeat as slow as this proves that something came by the news. */
const NEVER_MS = 600_000;

describe.for(STORES)('a stream of events, on the %s store, of what other processes do', kind => {
  it('tells each status until the issue is there', async () => {
    const { system, organizationId } = await setup(kind, { heartbeatMs: 50 });
    const writer = await openForeignWriter(system.databaseUrl);
    await writer.query('begin');
    await writer.query('lock table user_profiles');
    const id = await raise(system, 'ann', organizationId);

    const stream = await follow(system.address, 'ann', id);
    await stream.event('queued');
    await startWorker(system);
    await stream.event('processing');
    await writer.query('commit');

    expect(await stream.ended).toBe(true);
    expect(stream).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
    });
    expect(stream.events.map(event => [event.event, event.id])).toEqual([
      ['status', 'queued'],
      ['status', 'processing'],
      ['status', 'completed'],
    ]);
    expect(stream.heartbeats).toBeGreaterThan(0);
    expect(stream.text).toMatch(/^retry: [123]\d{3}\n\n/);
    expect(lastOf(stream)).toEqual((await statusOf(system, 'ann', id)).body);
  });

  it('tells the end by the news, without waiting for a heartbeat', async () => {
    const { system, organizationId } = await setup(kind, { heartbeatMs: NEVER_MS });
    const id = await raise(system, 'ann', organizationId);
    const streams = await Promise.all([1, 2, 3].map(() => follow(system.address, 'ann', id)));

    await startWorker(system);

    expect(await Promise.all(streams.map(stream => stream.ended))).toEqual([true, true, true]);
    for (const stream of streams) expect(idsOf(stream)).toEqual(['queued', 'completed']);
  });

  it('tells why a submission was rejected, and why one failed', async () => {
    const { system, organizationId } = await setup(kind, { heartbeatMs: NEVER_MS });
    await system.orm.em.execute(`alter table issues add check (title <> 'poison')`);
    const rejected = await raise(system, 'ann', crypto.randomUUID());
    const failed = await raise(system, 'bob', organizationId, 'poison');
    const streams = [
      await follow(system.address, 'ann', rejected),
      await follow(system.address, 'bob', failed),
    ] as const;

    await startWorker(system);
    await Promise.all(streams.map(stream => stream.ended));

    expect(streams.map(idsOf)).toEqual([
      ['queued', 'rejected'],
      ['queued', 'failed'],
    ]);
    expect(lastOf(streams[0])).toMatchObject({
      submissionId: rejected,
      error: { code: 'organization_not_found' },
    });
    expect(lastOf(streams[1])).toMatchObject({ submissionId: failed, error: { code: 'unstorable' } });
    await waitFor(async () => (await statusOf(system, 'bob', failed)).body.status === 'failed');
    expect(lastOf(streams[0])).toEqual((await statusOf(system, 'ann', rejected)).body);
    expect(lastOf(streams[1])).toEqual((await statusOf(system, 'bob', failed)).body);
  });

  it('goes on after the last event that the client has seen, and says when there is no more', async () => {
    const { system, organizationId } = await setup(kind, { heartbeatMs: NEVER_MS });
    const id = await raise(system, 'ann', organizationId);
    const first = await follow(system.address, 'ann', id);
    await first.event('queued');
    first.leave();

    const second = await follow(system.address, 'ann', id, { 'last-event-id': 'queued' });
    await startWorker(system);
    await second.ended;
    const third = await follow(system.address, 'ann', id, { 'last-event-id': 'completed' });
    const late = await follow(system.address, 'ann', id, { 'last-event-id': 'processing' });
    const forgetful = await follow(system.address, 'ann', id);

    expect(idsOf(second)).toEqual(['completed']);
    expect(third).toMatchObject({ status: 204, text: '' });
    for (const stream of [late, forgetful]) {
      expect(await stream.ended).toBe(true);
      expect(idsOf(stream)).toEqual(['completed']);
    }
  });

  it('tells the end with a heartbeat when the news was lost', async () => {
    const { system, organizationId } = await setup(kind, { heartbeatMs: 100 });
    const writer = await openForeignWriter(system.databaseUrl);
    await writer.query('begin');
    await writer.query('lock table user_profiles');
    const id = await raise(system, 'ann', organizationId);
    const stream = await follow(system.address, 'ann', id);
    await startWorker(system);
    await writer.isWaitedFor();

    await forgetListeners(system, kind);
    await writer.query('commit');

    expect(await stream.ended).toBe(true);
    expect(idsOf(stream).at(-1)).toBe('completed');
  });

  it('outlives an outage of PostgreSQL', async () => {
    const proxies: Awaited<ReturnType<typeof openTcpProxy>>[] = [];
    const { system, organizationId } = await setup(kind, {
      heartbeatMs: 100,
      async databaseProxy(url) {
        proxies.push(await openTcpProxy(url));
        return proxies[0]?.url ?? url;
      },
    });
    onTestFinished(async () => proxies[0]?.close());
    const id = await raise(system, 'ann', organizationId);
    const stream = await follow(system.address, 'ann', id);

    proxies[0]?.cut();
    await startWorker(system);
    await waitFor(async () => (await rows(system.databaseUrl, 'select 1 from issues')).length === 1);
    const before = stream.heartbeats;
    await waitFor(() => stream.heartbeats > before + 2);
    expect(idsOf(stream)).not.toContain('completed');
    proxies[0]?.mend();

    expect(await stream.ended).toBe(true);
    expect(idsOf(stream).at(-1)).toBe('completed');
  });

  it(`serves ${CLIENTS[kind]} clients of one process at once`, async () => {
    const { system, organizationId } = await setup(kind);
    const api = await startApi(system);
    const users = Array.from({ length: CLIENTS[kind] }, (_, n) => `user-${n % 100}`);
    const raised = await inGroups(users, 50, async user => ({
      user,
      id: await raise({ ...system, address: api.address }, user, organizationId),
    }));

    const streams = await inGroups(raised, 200, each => follow(api.address, each.user, each.id));
    expect(await (await fetch(`${api.address}/readyz`)).json()).toMatchObject({ status: 'ready' });
    const worker = await startWorker(system);
    await Promise.all(streams.map(stream => stream.ended));

    for (const stream of streams) expect(idsOf(stream).join()).toMatch(/^queued,(processing,)?completed$/);
    expect(new Set(streams.map(stream => lastOf(stream).submissionId)).size).toBe(CLIENTS[kind]);
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(await api.process.end('SIGTERM')).toBe(0);
  });
});

it('ends open streams, and then the process, when it is told to stop', async () => {
  const { system, organizationId } = await setup('redis');
  const api = await startApi(system);
  const id = await raise(system, 'ann', organizationId);
  const streams = await Promise.all(Array.from({ length: 20 }, () => follow(api.address, 'ann', id)));
  const begin = performance.now();

  const code = await api.process.end('SIGTERM');

  expect(code).toBe(0);
  expect(performance.now() - begin).toBeLessThan(8000);
  expect(new Set(await Promise.all(streams.map(stream => stream.ended)))).toEqual(new Set([true]));
  for (const stream of streams) expect(idsOf(stream)).toEqual(['queued']);
});

async function setup(kind: StoreKind, options: SystemOptions = {}) {
  const system = await startSystem(kind, { lanes: LANES, withWorker: false, ...options });
  onTestFinished(() => system.close());
  return { system, organizationId: await system.addOrganization() };
}

async function startWorker(system: System): Promise<ProductProcess> {
  return start(system, 'worker', {}, 'running these lanes');
}

async function startApi(system: System): Promise<{ process: ProductProcess; address: string }> {
  const process = await start(system, 'api', { PORT: '0', JWT_SECRET: TOKEN_SECRET }, '"listening"');
  const { address } = JSON.parse(await process.line(line => line.includes('"listening"')));
  return { process, address };
}

async function start(system: System, role: string, more: Record<string, string>, isReady: string) {
  const { databaseUrl, queueUrl } = system;
  const product = startProduct(role, {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    LANES: String(LANES),
    ...more,
  });
  onTestFinished(async () => void (await product.end('SIGTERM')));
  await product.line(line => line.includes(isReady));
  return product;
}

async function raise(
  { address }: Pick<System, 'address'>,
  userId: string,
  organizationId: string,
  title = 'The tap drips',
): Promise<string> {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const authorization = `Bearer ${await tokenOf(userId)}`;
  const { status, submissionId } = await waitFor(async () => {
    const response = await fetch(`${address}/api/client/issues/raise`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...key },
      body: JSON.stringify({ organizationId, title }),
    });
    const { submissionId } = Object(await response.json());
    return response.status === 503 ? undefined : { status: response.status, submissionId };
  });
  expect(status).toBe(202);
  return String(submissionId);
}

async function follow(
  address: string,
  userId: string,
  id: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const authorization = `Bearer ${await tokenOf(userId)}`;
  const url = `${address}/api/client/issues/submissions/${id}/events`;
  return waitFor(async () => {
    const stream = await openEventStream(url, { authorization, ...headers });
    return stream.status === 503 ? undefined : stream;
  });
}

function statusOf(system: System, userId: string, id: string) {
  return system.send(userId, 'GET', `/api/client/issues/submissions/${id}`);
}

function idsOf(stream: EventStream): (string | undefined)[] {
  return stream.events.map(({ id }) => id);
}

function lastOf(stream: EventStream): Record<string, unknown> {
  return Object(JSON.parse(stream.events.at(-1)?.data ?? 'null'));
}

/** What FLUSHALL or a failover can do: news published now reaches nobody. */
async function forgetListeners({ queueUrl, databaseUrl }: System, kind: StoreKind): Promise<void> {
  if (kind === 'postgres') {
    await rows(databaseUrl, 'delete from bullmq.relay_node');
    return;
  }
  const redis = new Redis(queueUrl);
  await redis.del(await redis.keys('issue-intake::relay:*'));
  redis.disconnect();
}

async function inGroups<T, R>(all: readonly T[], size: number, act: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += size) {
    results.push(...(await Promise.all(all.slice(from, from + size).map(act))));
  }
  return results;
}
