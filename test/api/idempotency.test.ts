import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { startRedis } from '../support/redis-server.ts';
import { rows } from '../support/rows.ts';
import { ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { TOKEN_SECRET, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';

/*
 * `Idempotency-Key` as clients meet it: several API processes, real stores.
 */

const ISSUE = { organizationId: ORGANIZATION_A, title: 'The door does not close' };

interface Api {
  readonly process: ProductProcess;
  readonly address: string;
}

async function startApi({ databaseUrl, queueUrl }: WorkerFleet, port = 0): Promise<Api> {
  const process = startProduct('api', {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    LANES: '2',
    PORT: String(port),
    JWT_SECRET: TOKEN_SECRET,
  });
  const line = await process.line(each => each.includes('"listening"'));
  return { process, address: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '' };
}

interface Answer {
  readonly status: number;
  readonly replayed: string | null;
  readonly submissionId: string;
  readonly code: string | undefined;
}

interface Sent {
  readonly userId?: string;
  readonly key: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

async function raise({ address }: Pick<Api, 'address'>, sent: Sent): Promise<Answer> {
  const { userId = 'u', key, body = {}, headers = {} } = sent;
  const response = await fetch(`${address}/api/client/issues/raise`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenOf(userId)}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      ...headers,
    },
    body: JSON.stringify({ ...ISSUE, ...body }),
  });
  const { submissionId = '', code } = Object(await response.json());
  return {
    status: response.status,
    replayed: response.headers.get('idempotency-replayed'),
    submissionId,
    code,
  };
}

const WAIT = { prefer: 'wait=10' };

/** Repeats a request until it is answered with its end: a busy machine may answer 202 or 503 before that. */
function repeatToTheEnd(api: Pick<Api, 'address'>, sent: Sent): Promise<Answer> {
  return waitFor(async () => {
    const answer = await raise(api, { ...sent, headers: WAIT });
    return answer.status === 202 || answer.status === 503 ? undefined : answer;
  });
}

/** Sends again what a busy machine answered 503, as a client does. */
function untilTaken(api: Pick<Api, 'address'>, sent: Sent): Promise<Answer> {
  return waitFor(async () => {
    const answer = await raise(api, sent);
    return answer.status === 503 ? undefined : answer;
  });
}

describe.each(['redis', 'postgres'] as const)('on the %s store', store => {
  let fleet: WorkerFleet;
  let apis: [Api, Api];
  beforeAll(async () => {
    fleet = await openWorkerFleet({ lanes: 2, store });
    apis = await Promise.all([startApi(fleet), startApi(fleet)]);
    await fleet.startWorker();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(apis.map(({ process }) => process.end('SIGTERM')));
    await fleet.close();
  });

  const each = (index: number): Api => apis[index % 2 === 0 ? 0 : 1];

  test.each([
    ['', {}],
    ['that all wait', WAIT],
    ['that all say the same X-Request-Id', { 'x-request-id': 'r1' }],
  ])('of 100 requests at once with one key %s, one is new and all get one issue', async (what, headers) => {
    const key = `at once ${what}`;
    const before = await fleet.issues();

    const first = await Promise.all(
      Array.from({ length: 100 }, (_, index) => raise(each(index), { key, headers })),
    );
    const late = first.flatMap(({ status }, index) => (status === 503 ? [index] : []));
    const again = await Promise.all(late.map(index => untilTaken(each(index), { key, headers })));

    const taken = [...first.filter(({ status }) => status !== 503), ...again];
    const isNew = taken.filter(({ replayed }) => replayed === null);
    expect(new Set(taken.map(({ status }) => status)).difference(new Set([201, 202])).size).toBe(0);
    expect(new Set(taken.map(({ submissionId }) => submissionId)).size).toBe(1);
    // The one that was new may be among those that were told 503.
    expect(isNew.length).toBeLessThanOrEqual(1);
    if (late.length === 0) expect(isNew).toHaveLength(1);
    await waitFor(async () => (await fleet.unfinished()) === 0);
    expect(await fleet.issues()).toBe(before + 1);
  });

  test('of requests at once with one key and two bodies, those with the body that came first are taken', async () => {
    const before = await fleet.issues();

    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => ({
        title: index % 3 === 0 ? 'One' : 'Other',
        ...(await raise(each(index), { key: 'two', body: { title: index % 3 === 0 ? 'One' : 'Other' } })),
      })),
    );

    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ code }) => code === 'idempotency_key_reused');
    const late = answers.filter(({ status }) => status === 503);
    expect(new Set(taken.map(({ title }) => title)).size).toBe(1);
    expect(new Set(refused.map(({ title }) => title)).size).toBe(1);
    expect(taken.length + refused.length + late.length).toBe(40);
    expect(taken.filter(({ replayed }) => replayed === null).length).toBeLessThanOrEqual(1);
    await waitFor(async () => (await fleet.unfinished()) === 0);
    expect(await fleet.issues()).toBe(before + 1);
  });

  test('a repetition is answered by what it prefers itself', async () => {
    const first = await raise(each(0), { key: 'prefer' });
    const waiting = await repeatToTheEnd(each(1), { key: 'prefer' });
    const again = await raise(each(0), { key: 'prefer' });

    const { submissionId } = first;
    expect(first).toMatchObject({ status: 202, replayed: null });
    expect(waiting).toMatchObject({ status: 201, replayed: 'true', submissionId });
    expect(again).toMatchObject({ status: 202, replayed: 'true', submissionId });
  });

  test('a repetition of what was rejected is rejected, and says that it is one', async () => {
    const sent = { key: 'rejected', body: { organizationId: crypto.randomUUID() }, headers: WAIT };

    const first = await raise(each(0), sent);
    await waitFor(async () => (await fleet.unfinished()) === 0);
    const again = await repeatToTheEnd(each(1), sent);

    const { submissionId } = first;
    expect(first.replayed).toBe(null);
    expect(again).toMatchObject({
      status: 422,
      code: 'organization_not_found',
      replayed: 'true',
      submissionId,
    });
  });

  test('a request that was refused as malformed does not use up its key', async () => {
    const bad = await raise(each(0), { key: 'typo', body: { title: '' } });
    const good = await raise(each(1), { key: 'typo' });

    expect(bad.status).toBe(400);
    expect(good).toMatchObject({ status: 202, replayed: null });
  });

  test('a repetition is known after the job has left the queue, and another body is refused', async () => {
    const first = await raise(each(0), { key: 'gone' });
    await waitFor(async () => (await fleet.unfinished()) === 0);
    await Promise.all(fleet.intake.queues.map(queue => queue.clean(0, 1000, 'completed')));

    const again = await repeatToTheEnd(each(1), { key: 'gone' });
    const other = await raise(each(1), { key: 'gone', body: { title: 'Other' } });

    expect(again).toMatchObject({ status: 201, replayed: 'true', submissionId: first.submissionId });
    expect(other).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test('a key is its user’s own', async () => {
    const mine = await raise(each(0), { key: 'shared' });
    const theirs = await raise(each(0), {
      key: 'shared',
      userId: 'v',
      body: { organizationId: ORGANIZATION_B },
    });

    expect(theirs).toMatchObject({ status: 202, replayed: null });
    expect(theirs.submissionId).not.toBe(mine.submissionId);
  });

  test('a bare key and the same in quotes are one', async () => {
    const bare = await raise(each(0), { key: 'abc' });
    const quoted = await raise(each(1), { key: '"abc"' });

    expect(quoted).toMatchObject({ status: 202, replayed: 'true', submissionId: bare.submissionId });
  });

  test('a key that comes in two headers is refused', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const token = await tokenOf('u');
    const body = JSON.stringify(ISSUE);
    request(`${each(0).address}/api/client/issues/raise`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': ['k1', 'k1'],
      },
    })
      .on('response', response => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject)
      .end(body);

    expect(await promise).toBe(400);
  });
});

test('a key is known after all processes have been killed and started again', async () => {
  const redis = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
  onTestFinished(() => redis.stop());
  const fleet = await openWorkerFleet({ lanes: 2, queueUrl: redis.url });
  onTestFinished(() => fleet.close());
  const before = await startApi(fleet);
  const waiting = await raise(before, { key: 'waits' });
  await before.process.end('SIGKILL');
  await redis.kill();
  await redis.restart();

  const after = await startApi(fleet);
  onTestFinished(async () => {
    await after.process.end('SIGTERM');
  });
  const again = await raise(after, { key: 'waits' });
  await fleet.startWorker();
  const done = await repeatToTheEnd(after, { key: 'waits' });

  const { submissionId } = waiting;
  expect(again).toMatchObject({ status: 202, replayed: 'true', submissionId });
  expect(done).toMatchObject({ status: 201, replayed: 'true', submissionId });
  expect(await fleet.issues()).toBe(1);
});

test('a request that was answered 503 and is sent again raises one issue', async () => {
  const fleet = await openWorkerFleet({ lanes: 2 });
  onTestFinished(() => fleet.close());
  const proxy = await openTcpProxy(fleet.queueUrl);
  onTestFinished(() => proxy.close());
  const api = await startApi({ ...fleet, queueUrl: proxy.url });
  onTestFinished(async () => {
    await api.process.end('SIGTERM');
  });
  await fleet.startWorker();

  for (const trouble of ['cut', 'freeze'] as const) {
    proxy[trouble]();
    const first = await raise(api, { key: trouble });
    proxy.mend();
    const again = await repeatToTheEnd(api, { key: trouble });
    const third = await repeatToTheEnd(api, { key: trouble });

    expect(first).toMatchObject({ status: 503, code: 'queue_unavailable' });
    expect(third).toMatchObject({ status: 201, replayed: 'true', submissionId: again.submissionId });
  }
  expect(await rows(fleet.databaseUrl, 'select count(*)::int from issues')).toEqual([{ count: 2 }]);
});
