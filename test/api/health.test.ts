import { expect, test } from 'vitest';
import { openApp, openAppWithDatabase } from './support/open-app.ts';

test('a process that lives says so, whatever is away', async () => {
  const { app, intake } = await openApp();
  intake.isAway = true;

  const response = await app.inject('/healthz');

  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({ status: 'ok' });
});

test('with queue and database there it is ready', async () => {
  const { app } = await openAppWithDatabase();

  const response = await app.inject('/readyz');

  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({ status: 'ready', queue: 'up', database: 'up' });
});

test('without the database it is ready too, because submissions are accepted', async () => {
  const { app } = await openApp();

  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready', queue: 'up', database: 'down' });
});

test('without the queue it is not ready', async () => {
  const { app, intake } = await openAppWithDatabase();
  intake.isAway = true;

  const response = await app.inject('/readyz');

  expect(response.statusCode).toBe(503);
  expect(response.headers['retry-after']).toBe('1');
  expect(response.json()).toMatchObject({ code: 'not_ready', queue: 'down', database: 'up' });
});

test('with a stuck lane in the same process it is not ready', async () => {
  const { app } = await openAppWithDatabase({ workersAreReady: () => false });

  const response = await app.inject('/readyz');

  expect(response.statusCode).toBe(503);
  expect(response.json()).toMatchObject({ code: 'not_ready', queue: 'up', workers: 'down' });
});
