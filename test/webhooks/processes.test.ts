import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { startProduct } from '../support/product-process.ts';
import { STORES } from '../support/stores.ts';
import { aSubmission } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { setup } from './support/setup.ts';

/** A dead process's turns are taken over when their locks have run out. */
const TAKEN_OVER_WITHIN_MS = 30_000;

function startProcess(
  { databaseUrl, redis }: { databaseUrl: string; redis: string },
  environment: Record<string, string> = {},
) {
  const process = startProduct('webhooks', {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: redis,
    WEBHOOK_RETRY_AFTER: '0.05',
    WEBHOOK_ALLOW_PRIVATE: '1',
    ...environment,
  });
  onTestFinished(async () => void (await process.end('SIGKILL')));
  return process;
}

test.for(STORES)(
  'what a process was at when it was killed is told by another, with the same ids and in order, on %s',
  { timeout: 60_000 },
  async ([, makeStore]) => {
    const system = await setup();
    const { apply, addEndpoint, query } = system;
    const store = { QUEUE_URL: await makeStore() };
    const receiver = await openReceiver();
    let isDown = false;
    receiver.answer((_, nth) => {
      isDown ||= nth === 20;
      return isDown ? 'hang' : 200;
    });
    await addEndpoint(`${receiver.url}/ordered`, { ordered: true });
    await addEndpoint(`${receiver.url}/any`);
    await apply(...Array.from({ length: 50 }, () => aSubmission()));

    const first = startProcess(system, store);
    await waitFor(() => isDown, TAKEN_OVER_WITHIN_MS);
    await first.end('SIGKILL');
    receiver.answer(() => 200);
    startProcess(system, store);
    await waitFor(
      async () => (await query('select from webhook_deliveries')).length === 0,
      TAKEN_OVER_WITHIN_MS,
    );

    const issues = (await query('select id from issues order by number')).map(({ id }) => id);
    const arrivedAt = (path: string) =>
      new Set(receiver.delivered(path).map(({ submissionId }) => submissionId));
    expect([...arrivedAt('/ordered')]).toEqual(issues);
    expect([...arrivedAt('/any')].toSorted()).toEqual(issues.toSorted());
    const idsOf = Map.groupBy(receiver.arrived, ({ path, submissionId }) => path + submissionId);
    expect([...idsOf.values()].map(each => new Set(each.map(({ id }) => id)).size)).toEqual(
      Array(100).fill(1),
    );
    expect(receiver.arrived.length).toBeGreaterThan(100);
  },
);

test('one that is told to stop leaves what hangs, within seconds, and counts no failure', {
  timeout: 60_000,
}, async () => {
  const system = await setup();
  const { apply, addEndpoint, query } = system;
  const receiver = await openReceiver();
  receiver.answer(() => 'hang');
  await addEndpoint(receiver.url, { ordered: true });
  await apply(aSubmission());

  const process = startProcess(system);
  await waitFor(() => receiver.arrived.length === 1, TAKEN_OVER_WITHIN_MS);
  const stoppedAt = performance.now();
  const code = await process.end('SIGTERM');

  expect(code).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(9000);
  expect(await query('select tries, failure from webhook_deliveries')).toEqual([{ tries: 0, failure: null }]);
});

test('two couriers share the endpoints, and tell each outcome once', async () => {
  const { apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  for (let n = 0; n < 6; n++) await addEndpoint(`${receiver.url}/${n}`, { ordered: n % 2 === 0 });
  const couriers = [await startCourier(redis), await startCourier(redis)];

  for (let n = 0; n < 20; n++) await apply(aSubmission());
  await nothingIsLeft();

  expect(receiver.arrived).toHaveLength(120);
  const counted = () => couriers.reduce((sum, { figures }) => sum + figures.delivered, 0);
  // Counted when it has been written down.
  await waitFor(() => counted() >= 120);
  expect(counted()).toBe(120);
});

test('a queue store that is emptied in the middle loses nothing', async () => {
  const { apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  const client = new Redis(redis);
  onTestFinished(() => client.disconnect());
  receiver.answer((_, nth) => (nth === 30 ? 500 : 200));
  await addEndpoint(`${receiver.url}/ordered`, { ordered: true });
  await addEndpoint(`${receiver.url}/any`);
  await startCourier(redis);

  for (let n = 0; n < 20; n++) {
    await apply(aSubmission());
    if (n % 5 === 0) await client.flushdb();
  }
  await nothingIsLeft();

  for (const path of ['/ordered', '/any']) {
    expect(new Set(receiver.delivered(path).map(({ submissionId }) => submissionId)).size).toBe(20);
  }
});

test('a process answers whether it is ready, and what is left to tell', { timeout: 60_000 }, async () => {
  const system = await setup();
  const receiver = await openReceiver();
  receiver.answer(() => 500);
  await system.addEndpoint(receiver.url);
  await system.apply(aSubmission());

  const process = startProcess(system, { METRICS_PORT: '0', WEBHOOK_RETRY_AFTER: '3600' });
  const line = await process.line(text => text.includes('answering /metrics'));
  const { address } = JSON.parse(line);
  const text = async (path: string) => (await fetch(`${address}${path}`)).text();
  await waitFor(async () => (await fetch(`${address}/readyz`)).ok, TAKEN_OVER_WITHIN_MS);
  await waitFor(async () => /_undelivered 1$/m.test(await text('/metrics')), TAKEN_OVER_WITHIN_MS);
  await waitFor(
    async () => /tries_total\{result="failed"\} 1$/m.test(await text('/metrics')),
    TAKEN_OVER_WITHIN_MS,
  );

  expect(await text('/metrics')).toMatch(/^issue_intake_webhooks_oldest_undelivered_seconds 0?[1-9.]/m);
  expect(await text('/metrics')).not.toContain('issue_intake_accepted_total');
});
