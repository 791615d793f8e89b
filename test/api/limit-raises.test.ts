import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { UserLimit } from '../../src/api/user-limit.ts';
import type { Charged } from '../../src/rate-limit.ts';
import { openApp } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

/** A store that is away: the process alone decides, which is all that these answers show. */
const AWAY = {
  async charge(): Promise<Charged> {
    throw new Error('away');
  },
};
const LIMIT = { perSecond: 0.5, burst: 3 };

async function openLimitedApp() {
  const { app, intake } = await openApp({
    userLimit: new UserLimit(AWAY, LIMIT, pino({ level: 'silent' })),
  });
  const raise = async (userId: string, headers: Record<string, string> = {}, payload?: object) =>
    app.inject({
      method: 'POST',
      url: '/api/client/issues/raise',
      headers: { ...(await bearer(userId)), ...headers },
      payload: payload ?? { organizationId: randomUUID(), title: 'The tap drips' },
    });
  return { app, intake, raise };
}

test('each answer tells the limit and what is left of it', async () => {
  const { raise } = await openLimitedApp();

  const answers = [await raise('u'), await raise('u')];

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
  expect(answers.map(({ headers }) => headers['ratelimit-policy'])).toEqual([
    '"user";q=3;w=6',
    '"user";q=3;w=6',
  ]);
  expect(answers.map(({ headers }) => headers.ratelimit)).toEqual(['"user";r=2;t=2', '"user";r=1;t=4']);
});

test('one who raises too fast is told when to come again, and nothing is kept', async () => {
  const { raise, intake } = await openLimitedApp();
  for (let i = 0; i < 3; i++) await raise('u');

  const refused = await raise('u');

  expect(refused.json()).toEqual({
    type: 'urn:issue-intake:problem:rate_limited',
    title: 'You raise issues too fast',
    status: 429,
    detail: expect.stringMatching(/^you may raise 0.5 issues per second; try again in \d s$/),
    code: 'rate_limited',
  });
  const seconds = Number(refused.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(2);
  expect(refused.headers.ratelimit).toBe(`"user";r=0;t=${seconds}`);
  expect(intake.accepted.length).toBe(3);
});

test('what the limit took to answer is no longer there to ask the queue in', async () => {
  const slow = { charge: () => sleep(200, { granted: 1, level: 1 }) };
  const userLimit = new UserLimit(slow, LIMIT, pino({ level: 'silent' }), 1000);
  const { app, intake } = await openApp({ userLimit });
  const left: number[] = [];
  intake.accept = async (_, withinMs = 0) => {
    left.push(withinMs);
  };
  const payload = { organizationId: randomUUID(), title: 'The tap drips' };
  const raise = async () =>
    app.inject({
      method: 'POST',
      url: '/api/client/issues/raise',
      headers: await bearer('u'),
      payload,
    });

  const statuses = [(await raise()).statusCode, (await raise()).statusCode];

  expect(statuses).toEqual([202, 202]);
  expect(left[0]).toBeGreaterThan(700);
  expect(left[1]).toBeLessThanOrEqual(700);
});

test('other users go on', async () => {
  const { raise } = await openLimitedApp();
  for (let i = 0; i < 5; i++) await raise('u');

  expect((await raise('v')).statusCode).toBe(202);
});

test('repetitions and wrong requests count, too', async () => {
  const { raise } = await openLimitedApp();
  const body = { organizationId: randomUUID(), title: 't' };

  const statuses = [
    (await raise('u', { 'idempotency-key': 'k' }, body)).statusCode,
    (await raise('u', { 'idempotency-key': 'k' }, body)).statusCode,
    (await raise('u', {}, { title: 7 })).statusCode,
    (await raise('u', { 'idempotency-key': 'k' }, body)).statusCode,
  ];

  expect(statuses).toEqual([202, 202, 400, 429]);
});

test('reading is not limited by it', async () => {
  const { app, raise } = await openLimitedApp();
  for (let i = 0; i < 4; i++) await raise('u');

  const url = `/api/client/issues/submissions/${randomUUID()}`;
  expect((await app.inject({ url, headers: await bearer('u') })).statusCode).not.toBe(429);
});

test('without a limit, answers say nothing of one', async () => {
  const { app } = await openApp();

  const { headers } = await app.inject({
    method: 'POST',
    url: '/api/client/issues/raise',
    headers: await bearer('u'),
    payload: { organizationId: randomUUID(), title: 't' },
  });

  expect(headers).not.toHaveProperty('ratelimit');
});
