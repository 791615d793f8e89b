import { expect, onTestFinished, test } from 'vitest';
import { timed } from '../support/lateness.ts';
import { freshRedisUrl } from '../support/services.ts';
import { startSystem } from '../support/system.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const body = { organizationId: crypto.randomUUID(), title: 'The tap drips' };

/** What a keyed submission asks of the database may not be added to what it asks of the queue. */
const AS_GOOD_AS_AT_ONCE_MS = 300;

test('while neither Redis nor PostgreSQL says a word, a keyed submission is refused as soon as any other', async () => {
  const proxies: TcpProxy[] = [];
  const silenced = async (url: string) => {
    const proxy = await openTcpProxy(url);
    onTestFinished(() => proxy.close());
    proxies.push(proxy);
    return proxy.url;
  };
  const system = await startSystem('redis', {
    queueUrl: await silenced(await freshRedisUrl()),
    databaseProxy: silenced,
    withWorker: false,
  });
  onTestFinished(() => system.close());
  const raise = async (headers: Record<string, string> = {}) => {
    const send = () => system.send('u1', 'POST', '/api/client/issues/raise', { body, headers });
    const { value, ms } = await timed(send);
    return { status: value.status, ms };
  };
  const key = () => ({ 'idempotency-key': crypto.randomUUID() });
  expect((await raise(key())).status).toBe(202);

  for (const proxy of proxies) proxy.freeze();
  const [plain, ...keyed] = await Promise.all([raise(), raise(key()), raise({ ...key(), prefer: 'wait=1' })]);
  for (const proxy of proxies) proxy.mend();
  await waitFor(async () => (await system.send('u1', 'GET', '/api/client/issues')).status === 200);

  expect(plain.status).toBe(503);
  for (const { status, ms } of keyed) {
    expect(status).toBe(503);
    expect(ms).toBeLessThan(plain.ms + AS_GOOD_AS_AT_ONCE_MS);
  }
});
