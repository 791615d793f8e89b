import { expect, test, vi } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { openClock } from './support/clock.ts';
import { PATIENCE_MS } from './support/setup.ts';
import { openTurn } from './support/turn.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

test.each([
  ['in order', true, 1],
  ['in any order', false, 16],
])('a turn %s that has lasted for 10 s sends no more than is on its way', async (_, ordered, most) => {
  const { receiver, takeTurn } = await openTurn({ ordered, outcomes: 40 });
  const goBy = openClock();
  receiver.answer((_request, nth) => {
    if (nth === 1) goBy(10_001);
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived.length).toBeLessThanOrEqual(most);
});

test('what is told in order goes to where the endpoint is, as of a second ago', async () => {
  const { receiver, change, takeTurn } = await openTurn({ ordered: true, outcomes: 3 });
  const goBy = openClock();
  receiver.answer(async (_, nth) => {
    if (nth === 1) await change(`url = '${receiver.url}/new'`);
    goBy(1001);
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived.map(({ path }) => path)).toEqual(['/old', '/new', '/new']);
});

/** That a round has gone on to read what is due: before that it reads the endpoint. */
const READ_SINCE = `
  select from pg_stat_activity
   where datname = current_database() and state = 'idle' and query_start > $1::timestamptz
     and query like '%webhook_deliveries%order by due_at limit%'`;

test('and so does what waits for a place, where order does not matter', async () => {
  const { receiver, change, query, takeTurn } = await openTurn({ outcomes: 40 });
  const changeAndSeeItRead = async () => {
    const [changed] = await change(`url = '${receiver.url}/new' returning now()::text`);
    await waitFor(async () => (await query(READ_SINCE, [changed?.now])).length > 0);
  };
  let read: Promise<void> | undefined;
  receiver.answer(async (_, nth) => {
    if (nth > 16) return 200;
    read ??= changeAndSeeItRead();
    await read;
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived.map(({ path }) => path)).toEqual([
    ...Array(16).fill('/old'),
    ...Array(24).fill('/new'),
  ]);
});

test.each([
  ['in order', true],
  ['in any order', false],
])('a turn %s ends when that is changed', async (_, ordered) => {
  // More than a round.
  const { receiver, change, takeTurn } = await openTurn({ ordered, outcomes: 70 });
  receiver.answer(async (_request, nth) => {
    if (nth === 1) await change(`ordered = ${!ordered}`);
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived).toHaveLength(64);
});

test.each([
  ['in order', true],
  ['in any order', false],
])('who says 410 where the endpoint was, told %s, does not speak for where it is', async (_, ordered) => {
  const { receiver, change, query, takeTurn } = await openTurn({ ordered, outcomes: 1 });
  receiver.answer(async ({ path }) => {
    if (path === '/old') await change(`url = '${receiver.url}/new'`);
    return path === '/old' ? 410 : 200;
  });

  await takeTurn();

  expect(await query('select active from webhook_endpoints')).toEqual([{ active: true }]);
});

test('what waits for a place when one is answered 410 is not sent', async () => {
  const { receiver, query, takeTurn } = await openTurn({ outcomes: 40 });
  const isInactive = async () => (await query('select from webhook_endpoints where active')).length === 0;
  let inactive: Promise<boolean> | undefined;
  receiver.answer(async (_, nth) => {
    if (nth <= 2) return nth === 1 ? 200 : 410;
    inactive ??= waitFor(isInactive);
    await inactive;
    return 200;
  });

  await takeTurn();

  // The first has given its place to another.
  expect(receiver.arrived.length).toBeLessThanOrEqual(17);
});

test('an endpoint that is told in order since its rest is not in doubt when something arrives', async () => {
  const { id, rests, takeTurn } = await openTurn({ ordered: true, outcomes: 1, retryAfterMs: 0 });
  rests.begin(id);

  await takeTurn();

  expect(rests.isInDoubt(id)).toBe(false);
});
