import { pino } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, expect, it } from 'vitest';
import { Backlog } from '../../src/api/backlog.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../../src/lanes.ts';
import { JOB_NAME, type LaneQueue, openQueueStore } from '../../src/queue-store.ts';
import { runWorker } from '../../src/run-worker.ts';
import { Shutdown } from '../../src/shutdown.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { type StoreKind, type System, startSystem } from '../support/system.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const RAISE = '/api/client/issues/raise';
const STORES: StoreKind[] = ['redis', 'postgres'];
const OFF = Number.POSITIVE_INFINITY;
const LANES = 4;
const log = pino({ level: 'silent' });

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function place(kind: StoreKind, backlogLimits: { inAll: number; perLane: number }) {
  const system = await startSystem(kind, { backlogLimits, withWorker: false, lanes: LANES });
  cleanUps.push(() => system.close());
  const body = { organizationId: await system.addOrganization(), title: 'The tap drips' };
  const raise = (userId: string, headers: Record<string, string> = {}) =>
    system.send(userId, 'POST', RAISE, { body, headers });
  return { system, raise };
}

/** Until the process has read what is on the lanes, whatever it added itself. */
async function startWorker({ queueUrl, orm }: System): Promise<void> {
  const shutdown = new Shutdown(log);
  await runWorker({ queueUrl, refuseVolatile: false, orm, lanes: LANES, readAhead: 32, log, shutdown });
  cleanUps.push(() => shutdown.closeAll('the test is over'));
}

/** A user on another lane than `userId`. */
function neighbourOf(userId: string): string {
  const users = Array.from({ length: 100 }, (_, n) => `neighbour-${n}`);
  const found = users.find(user => laneIndexOf(user, LANES) !== laneIndexOf(userId, LANES));
  if (found === undefined) throw new Error('all have one lane');
  return found;
}

it.for(STORES)("one user's flood meets the limit of its lane, and the others go on, on %s", async kind => {
  const { system, raise } = await place(kind, { inAll: OFF, perLane: 3 });

  // What is added while the lanes are counted may count twice until they are counted again.
  let accepted = 0;
  await waitFor(async () => {
    if ((await raise('u1')).status === 202) accepted++;
    return accepted === 3;
  });
  const refused = await raise('u1');
  const neighbour = await raise(neighbourOf('u1'));

  expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(refused.body).toMatchObject({ code: 'backlog_full', status: 503 });
  expect(neighbour.status).toBe(202);

  await startWorker(system);
  await waitFor(async () => (await raise('u1')).status === 202);
});

it.for(STORES)(
  'the limit in all is for all lanes together, and ends when they are worked off, on %s',
  async kind => {
    const { system, raise } = await place(kind, { inAll: 3, perLane: OFF });
    const users = ['u1', neighbourOf('u1'), 'u1'];

    for (const user of users) await waitFor(async () => (await raise(user)).status === 202);
    const refused = await Promise.all([raise('u1', { prefer: 'wait=1' }), raise(neighbourOf('u1'))]);

    expect(refused.map(({ status, body }) => [status, body.code])).toEqual([
      [503, 'backlog_full'],
      [503, 'backlog_full'],
    ]);
    await startWorker(system);
    await waitFor(async () => (await raise('u1')).status === 202);
  },
);

it('what another process has put on a lane counts as well, a moment later', async () => {
  const { system, raise } = await place('redis', { inAll: OFF, perLane: 2 });
  const store = openQueueStore({ url: system.queueUrl, role: 'worker', log });
  cleanUps.push(() => store.close());
  const queue = store.openQueue(laneQueueName({ index: laneIndexOf('u1', LANES), of: LANES }));

  for (let n = 0; n < 2; n++) {
    await queue.add(
      JOB_NAME,
      { userId: 'u1', organizationId: crypto.randomUUID(), title: 'T' },
      { jobId: crypto.randomUUID() },
    );
  }

  await waitFor(async () => (await raise('u1')).body.code === 'backlog_full');
  await queue.drain();
  await waitFor(async () => (await raise('u1')).status === 202);
});

it('over the limit, a known Idempotency-Key is answered as accepted, and a new one is refused', async () => {
  const { system, raise } = await place('redis', { inAll: OFF, perLane: 1 });
  const key = { 'idempotency-key': crypto.randomUUID() };
  const first = await raise('u1', key);

  const again = await raise('u1', key);
  const waiting = await raise('u1', { ...key, prefer: 'wait=1' });
  const other = await raise('u1', { 'idempotency-key': crypto.randomUUID() });

  expect([first.status, again.status, waiting.status, other.status]).toEqual([202, 202, 202, 503]);
  expect(again.body.submissionId).toBe(first.body.submissionId);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(other.body.code).toBe('backlog_full');

  await startWorker(system);
  await waitFor(async () => (await raise('u1', { ...key, prefer: 'wait=5' })).status === 201);
});

it('the API describes the refusal', async () => {
  const { system } = await place('redis', { inAll: OFF, perLane: OFF });

  const { body } = await system.send('u1', 'GET', '/openapi.json');

  const Described = Type.Object({ description: Type.String() });
  const paths = Value.Parse(Type.Record(Type.String(), Type.Any()), body.paths);
  const answer = Value.Parse(Described, paths[RAISE].post.responses['503']);
  expect(answer.description).toContain('backlog_full');
});

it.for(STORES)('the counts survive an outage of %s, and correct what was not so', async kind => {
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  cleanUps.push(() => database.drop());
  const proxy = await openTcpProxy(kind === 'postgres' ? database.url : await freshRedisUrl());
  cleanUps.push(() => proxy.close());
  const store = openQueueStore({ url: proxy.url, role: 'producer', log });
  cleanUps.push(() => store.close());
  await waitFor(() =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
  const queues = allLanes(2).map(lane => store.openQueue(laneQueueName(lane)));
  const [queue] = queues;
  const [first, second] = [userOn(0, 2), userOn(1, 2)];
  const lanes = [{ epoch: { number: 1, lanes: 2 }, queues }];
  const backlog = new Backlog(() => lanes);
  cleanUps.push(() => backlog.close());
  await backlog.follow();

  proxy.cut();
  await waitFor(() =>
    add(queue).then(
      () => false,
      () => true,
    ),
  );
  proxy.mend();
  await waitFor(() =>
    add(queue).then(
      () => true,
      () => false,
    ),
  );

  await waitFor(() => backlog.of(first) === 1);
  expect([backlog.of(first), backlog.of(second), backlog.inAll()]).toEqual([1, 0, 1]);
  backlog.added(second);
  expect([backlog.of(second), backlog.inAll()]).toEqual([1, 2]);
  // It was told of one that is not there: the next reading knows better.
  await waitFor(() => backlog.of(second) === 0);
});

/** A user whose lane it is. */
function userOn(lane: number, lanes: number): string {
  const users = Array.from({ length: 100 }, (_, n) => `user-${n}`);
  return users.find(user => laneIndexOf(user, lanes) === lane) ?? '';
}

async function add(queue: LaneQueue | undefined): Promise<unknown> {
  return queue?.add(JOB_NAME, { userId: 'u', organizationId: crypto.randomUUID(), title: 'T' });
}
