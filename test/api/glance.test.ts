import { expect, test } from 'vitest';
import { Backlog } from '../../src/api/backlog.ts';
import { FleetHistory } from '../../src/api/fleet-history.ts';
import { LaneAges } from '../../src/api/lane-ages.ts';
import { Figures } from '../../src/figures/figures.ts';
import { openApp } from './support/open-app.ts';

const ADMIN = { user: 'admin', password: 'secret', showContent: false, allowActions: false };
const HISTORY = '/admin/glance/history';

async function openGlance() {
  const history = new FleetHistory({
    relay: { getRetained: () => Promise.reject(new Error('the store is away')) },
    figures: new Figures('api'),
    backlog: new Backlog([]),
    ages: new LaneAges([], async () => undefined),
  });
  await history.follow();
  history.close();
  return openApp({ admin: { ...ADMIN, queues: [] }, history });
}

test('the history is for the administrator alone', async () => {
  const { app } = await openGlance();
  const authorization = `Basic ${btoa(`${ADMIN.user}:wrong`)}`;

  expect((await app.inject(HISTORY)).statusCode).toBe(401);
  expect((await app.inject({ url: HISTORY, headers: { authorization } })).statusCode).toBe(401);
});

test('a store that is away leaves the history there', async () => {
  const { app } = await openGlance();
  const authorization = `Basic ${btoa(`${ADMIN.user}:${ADMIN.password}`)}`;

  const answer = await app.inject({ url: HISTORY, headers: { authorization } });

  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.json()).toMatchObject({
    everyMs: 2000,
    points: [{ accepted: 0, p50Ms: null }],
    processes: [],
  });
});

test('it is no part of the public description', async () => {
  const { app } = await openGlance();

  expect((await app.inject('/openapi.json')).body).not.toContain('glance');
});
