import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { ATTEMPT_LIMITS } from '../../src/api/attempt-limit.ts';
import { openApp } from './support/open-app.ts';

const ADMIN = { user: 'admin', password: 'hunter2:ä' };
const BOARD = '/admin/queues';
/** So slow that a test sees nothing leak out. */
const ATTEMPTS = { ...ATTEMPT_LIMITS, wrongPasswords: { perSecond: 0.001, burst: 3 } };

async function openBoard() {
  return openApp({
    admin: { ...ADMIN, lanes: () => [], showContent: false, allowActions: true },
    attempts: ATTEMPTS,
  });
}

async function signIn(
  app: FastifyInstance,
  password: string,
  remoteAddress = '192.0.2.1',
  user = ADMIN.user,
) {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return app.inject({ url: BOARD, remoteAddress, headers: { authorization } });
}

async function guess(app: FastifyInstance, count: number, remoteAddress?: string, user?: string) {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) {
    statuses.push((await signIn(app, `guess ${i}`, remoteAddress, user)).statusCode);
  }
  return statuses;
}

test('after some wrong passwords an address has to wait, and learns no more, even of the right one', async () => {
  const { app } = await openBoard();

  expect(await guess(app, 4)).toEqual([401, 401, 401, 429]);

  const right = await signIn(app, ADMIN.password);
  expect(right.json()).toMatchObject({ status: 429, code: 'too_many_sign_ins' });
  expect(Number(right.headers['retry-after'])).toBeGreaterThan(900);
  expect(right.headers['www-authenticate']).toBeUndefined();
});

test('guessing other names counts for the address, too', async () => {
  const { app } = await openBoard();

  for (const user of ['root', 'operator', 'x'.repeat(1000)]) await guess(app, 1, undefined, user);

  expect((await signIn(app, ADMIN.password)).statusCode).toBe(429);
});

test('a name that is guessed from many addresses is held up, but not for those who have signed in before', async () => {
  const { app } = await openBoard();
  await signIn(app, ADMIN.password, '192.0.2.77');

  for (let i = 0; i < 5; i++) await guess(app, 3, `198.51.100.${i}`);

  expect((await signIn(app, ADMIN.password, '203.0.113.1')).statusCode).toBe(429);
  expect((await signIn(app, ADMIN.password, '192.0.2.77')).statusCode).toBe(200);
});

test('the right password never counts, however often', async () => {
  const { app } = await openBoard();

  for (let i = 0; i < 20; i++) expect((await signIn(app, ADMIN.password)).statusCode).toBe(200);
});

test('a request without credentials is asked for them, and does not count', async () => {
  const { app } = await openBoard();

  for (let i = 0; i < 10; i++) expect((await app.inject(BOARD)).statusCode).toBe(401);

  expect((await signIn(app, ADMIN.password)).statusCode).toBe(200);
});
