import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { openEventStream } from '../support/event-stream.ts';
import { waitFor } from '../support/wait-for.ts';
import { submissionOf } from './support/domain.ts';
import { openAppWithDatabase } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

const MOST_OF_A_USER = 20;

/** Nothing is looked at again. */
const NEVER_MS = 600_000;

/** More than the buffers of a connection take. */
const MUCH_TEXT = 'x'.repeat(32 * 1024 * 1024);

/** An API that listens, a queued submission of each user, and how to follow it. */
async function setup(heartbeatMs?: number) {
  const { app, intake } = await openAppWithDatabase({ heartbeatMs });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const idOf = async (userId: string) => {
    const submission = submissionOf(userId, randomUUID());
    await intake.accept(submission);
    return submission.id;
  };
  const follow = async (userId: string, id: string) => {
    const url = `${address}/api/client/issues/submissions/${id}/events`;
    return openEventStream(url, await bearer(userId));
  };
  return { app, intake, idOf, follow };
}

test("another user's submission, an unknown one and one without a token are answered with a problem", async () => {
  const { app, idOf, follow } = await setup();
  const id = await idOf('ann');

  const others = await follow('bob', id);
  const unknown = await follow('ann', randomUUID());
  const nonsense = await follow('ann', 'nonsense');
  const anonymous = await app.inject(`/api/client/issues/submissions/${id}/events`);

  for (const { status, headers, ended, text } of [others, unknown, nonsense]) {
    expect(await ended).toBe(true);
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(text).not.toContain('event:');
  }
  expect(anonymous.statusCode).toBe(401);
});

test('HEAD opens no stream', async () => {
  const { app, idOf } = await setup();
  const url = `/api/client/issues/submissions/${await idOf('ann')}/events`;

  const answer = await app.inject({ method: 'HEAD', url, headers: await bearer('ann') });

  expect(answer.statusCode).toBe(405);
});

test('a user may have so many streams, and a client that goes away frees its place', async () => {
  const { idOf, follow } = await setup();
  const id = await idOf('ann');
  const streams = await Promise.all(Array.from({ length: MOST_OF_A_USER }, () => follow('ann', id)));

  const oneMore = await follow('ann', id);
  const another = await follow('bob', await idOf('bob'));
  streams[0]?.leave();

  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
  expect(oneMore).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
  expect(another.status).toBe(200);
  await waitFor(async () => (await follow('ann', id)).status === 200);
});

test('what is answered without a stream keeps no place', async () => {
  const { intake, idOf, follow } = await setup();
  const id = await idOf('ann');
  for (let n = 0; n <= MOST_OF_A_USER; n++) await (await follow('ann', randomUUID())).ended;
  intake.state = { status: 'rejected', code: 'organization_not_found', detail: 'there is none' };
  for (let n = 0; n <= MOST_OF_A_USER; n++) await (await follow('ann', id)).ended;

  expect((await follow('ann', id)).status).toBe(200);
});

test('a client that reads nothing for three heartbeats loses its place', async () => {
  const { intake, idOf, follow } = await setup(300);
  const id = await idOf('ann');
  intake.state = { status: 'failed', code: 'internal_error', detail: MUCH_TEXT };
  (await follow('ann', id)).stall();
  intake.state = { status: 'queued' };
  const readers = await Promise.all(Array.from({ length: MOST_OF_A_USER - 1 }, () => follow('ann', id)));

  await waitFor(async () => (await follow('ann', id)).status === 200);
  intake.state = { status: 'rejected', code: 'organization_not_found', detail: 'there is none' };
  expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(readers.map(() => true));
});

test('nobody holds up the end of the process, whether they read or not', async () => {
  const { app, intake, idOf, follow } = await setup();
  const id = await idOf('ann');
  const reader = await follow('ann', id);
  await reader.event('queued');
  intake.state = { status: 'failed', code: 'internal_error', detail: MUCH_TEXT };
  (await follow('ann', id)).stall();
  const begin = performance.now();

  await app.close();

  expect(performance.now() - begin).toBeLessThan(8000);
  expect(await reader.ended).toBe(true);
  expect(reader.events.map(event => event.id)).toEqual(['queued']);
});

test('a database that is slower than the heartbeats ends no stream', async () => {
  const { intake, idOf, follow } = await setup(20);
  const stream = await follow('ann', await idOf('ann'));
  await stream.event('queued');
  const find = intake.find.bind(intake);
  const { promise, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  intake.find = async (...whose) => {
    looks++;
    await promise;
    return find(...whose);
  };

  await waitFor(() => looks > 0);
  // Many heartbeats long, there is nothing to send.
  await sleep(500);
  intake.state = { status: 'rejected', code: 'organization_not_found', detail: 'there is none' };
  resolve();

  expect(await stream.ended).toBe(true);
  expect(stream.events.map(event => event.id)).toEqual(['queued', 'rejected']);
});

test('a submission that is no longer anywhere ends its stream, and is not found when it is asked for again', async () => {
  const { intake, idOf, follow } = await setup(50);
  const id = await idOf('ann');
  const stream = await follow('ann', id);

  intake.accepted.pop();

  expect(await stream.ended).toBe(true);
  expect(stream.events.map(event => event.id)).toEqual(['queued']);
  expect((await follow('ann', id)).status).toBe(404);
});

test('a queue store that is away for a while does not end a stream', async () => {
  const { intake, idOf, follow } = await setup(50);
  const stream = await follow('ann', await idOf('ann'));

  intake.isAway = true;
  await waitFor(() => stream.heartbeats > 3);
  intake.isAway = false;
  intake.state = { status: 'rejected', code: 'organization_not_found', detail: 'there is none' };

  expect(await stream.ended).toBe(true);
  expect(stream.events.map(event => event.id)).toEqual(['queued', 'rejected']);
});

test('what happens while the present status is looked up is not missed', async () => {
  const { intake, idOf, follow } = await setup(NEVER_MS);
  const id = await idOf('ann');
  const find = intake.find.bind(intake);
  intake.find = async (...whose) => {
    const known = await find(...whose);
    for (const wait of intake.waiting) wait.tell({ status: 'failed', code: 'internal_error', detail: 'no' });
    return known;
  };

  const stream = await follow('ann', id);

  expect(await stream.ended).toBe(true);
  expect(stream.events.map(event => event.id)).toEqual(['queued', 'failed']);
});

test('streams leave nothing behind', async () => {
  const { intake, idOf, follow } = await setup(NEVER_MS);
  const id = await idOf('ann');
  const comeAndGo = async (times: number) => {
    for (let n = 0; n < times; n++) {
      // Refused until there is a place again.
      const stream = await follow('ann', id);
      stream.leave();
      await stream.ended;
    }
    await waitFor(async () => (await follow('ann', id)).status === 200);
    return heapAfterCollection();
  };
  const before = await comeAndGo(300);

  const after = await comeAndGo(1000);

  expect((after - before) / 1000).toBeLessThan(2000);
  expect(intake.waiting.size).toBeLessThan(20);
});

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
