import { afterEach, expect, it } from 'vitest';
import { askEverything, inShort, retryAfters, slowestRefusal } from '../support/answers.ts';
import { rows } from '../support/rows.ts';
import { type StoreKind, type System, startSystem } from '../support/system.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * PostgreSQL in trouble, refusing or silent, on both queue stores. A read is
 * answered within 3 s: see READ_TIMEOUT_MS.
 */

const READ_IN_TIME_MS = 3000 + 800;

const RAISE = '/api/client/issues/raise';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function place(kind: StoreKind): Promise<{ system: System; proxy: TcpProxy }> {
  const proxies: TcpProxy[] = [];
  const system = await startSystem(kind, {
    async databaseProxy(url) {
      const opened = await openTcpProxy(url);
      proxies.push(opened);
      return opened.url;
    },
  });
  const [proxy] = proxies;
  if (proxy === undefined) throw new Error('there is no proxy');
  cleanUps.push(
    () => proxy.close(),
    () => system.close(),
  );
  return { system, proxy };
}

const TROUBLES = [
  ['refuses connections', (proxy: TcpProxy) => proxy.cut()],
  ['is silent', (proxy: TcpProxy) => proxy.freeze()],
] as const;

it.for(TROUBLES)(
  'with the lanes on Redis, a PostgreSQL that %s stops the reads only',
  async ([, trouble]) => {
    const { system, proxy } = await place('redis');
    const organizationId = await system.addOrganization();
    const raise = () =>
      system.send('u1', 'POST', RAISE, { body: { organizationId, title: 'The tap drips' } });

    trouble(proxy);
    const raised = await raise();
    const seen = await askEverything(system, String(raised.body.submissionId));
    const ready = await system.send('u1', 'GET', '/readyz');
    proxy.mend();

    expect(inShort(seen)).toEqual({
      raise: '202',
      'raise, waiting': '202',
      'raise with a key': '202',
      'raise with a key, waiting': '202',
      status: '200',
      'my issues': '503 database_unavailable',
      organizations: '503 database_unavailable',
      healthz: '200',
      readyz: '200',
      dashboard: '200',
    });
    expect(retryAfters(seen)).toEqual(['1']);
    expect(slowestRefusal(seen)).toBeLessThan(READ_IN_TIME_MS);
    expect(ready.body).toMatchObject({ status: 'ready', queue: 'up', database: 'down' });
    const applied = 'select 1 from issues where id = $1';
    await waitFor(
      async () =>
        (await rows(system.databaseUrl, applied.replace('$1', `'${raised.body.submissionId}'`))).length,
      40_000,
    );
    expect((await raise()).status).toBe(202);
  },
);

it.for(TROUBLES)(
  'with the lanes on PostgreSQL, one that %s is a queue that cannot be reached',
  async ([, trouble]) => {
    const { system, proxy } = await place('postgres');
    const organizationId = await system.addOrganization();
    const body = { organizationId, title: 'The tap drips' };
    const known = (await system.raise('u1', organizationId)).body.submissionId;

    trouble(proxy);
    const seen = await askEverything(system, crypto.randomUUID());
    const again = await askEverything(system, crypto.randomUUID());
    proxy.mend();

    const away = {
      raise: '503 queue_unavailable',
      'raise, waiting': '503 queue_unavailable',
      'raise with a key': '503 queue_unavailable',
      'raise with a key, waiting': '503 queue_unavailable',
      status: '503 queue_unavailable',
      'my issues': '503 database_unavailable',
      organizations: '503 database_unavailable',
      healthz: '200',
      readyz: '503 not_ready',
      dashboard: '503 queue_unavailable',
    };
    expect([inShort(seen), inShort(again)]).toEqual([away, away]);
    expect(Math.max(slowestRefusal(seen), slowestRefusal(again))).toBeLessThan(READ_IN_TIME_MS + 1000);
    for (const route of ['raise', 'raise, waiting', 'readyz']) {
      expect(again[route]?.ms).toBeLessThan(1600);
    }
    await waitFor(
      async () =>
        (await system.send('u1', 'POST', RAISE, { body, headers: { prefer: 'wait=5' } })).status === 201,
      40_000,
    );
    expect(known).toBeDefined();
  },
);
