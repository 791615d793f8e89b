import { expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { readNext } from '../../src/webhooks/deliveries.ts';
import { findDue } from '../../src/webhooks/due.ts';
import { waitFor } from '../support/wait-for.ts';
import { PATIENCE_MS, setup } from './support/setup.ts';
import { openTurn } from './support/turn.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

const FOUR_DAYS_OLD = `update webhook_deliveries set decided_at = now() - interval '4 days'`;

const BY_FAILURE = `
  select failed_at is not null as "isGivenUp", failure, count(*)::int as n from webhook_deliveries
   group by 1, 2 order by 1, 2`;

test('when nothing reaches an endpoint, all is given up that is older than three days', async () => {
  const { query, figures, receiver, takeTurn } = await openTurn({ outcomes: 42, retryAfterMs: 1 });
  receiver.answer(() => 500);
  await query(`${FOUR_DAYS_OLD}, due_at = now() - interval '1 hour'`);
  const [putBack, young] = await query('select position from webhook_deliveries order by position limit 2');
  const last = `update webhook_deliveries set due_at = now() - interval '1 ms'`;
  await query(`${last}, failure = 'answered 404' where position = $1`, [putBack?.position]);
  await query(`${last}, decided_at = now() where position = $1`, [young?.position]);

  await takeTurn();

  expect(receiver.arrived).toHaveLength(16);
  expect(figures.givenUp).toBe(40);
  expect(await query(BY_FAILURE)).toEqual([
    { isGivenUp: false, failure: 'answered 404', n: 1 },
    { isGivenUp: false, failure: null, n: 1 },
    { isGivenUp: true, failure: 'answered 500', n: 16 },
    { isGivenUp: true, failure: 'not tried, for others failed', n: 24 },
  ]);
});

test('what was put back is tried before it is given up again', async () => {
  const { query, receiver, takeTurn } = await openTurn({ outcomes: 17, retryAfterMs: 1 });
  receiver.answer(() => 500);
  await query(`${FOUR_DAYS_OLD}, failure = 'answered 404'`);

  await takeTurn();
  const afterOne = await query(BY_FAILURE);
  await waitFor(async () => {
    await takeTurn();
    return receiver.arrived.length === 17;
  });

  expect(afterOne).toEqual([
    { isGivenUp: false, failure: 'answered 404', n: 1 },
    { isGivenUp: true, failure: 'answered 500', n: 16 },
  ]);
  expect(await query(BY_FAILURE)).toEqual([{ isGivenUp: true, failure: 'answered 500', n: 17 }]);
});

test('in order, the second that is given up in a row takes all along that are as old', async () => {
  const { query, figures, receiver, takeTurn } = await openTurn({ ordered: true, outcomes: 6 });
  receiver.answer(() => 500);
  await query(FOUR_DAYS_OLD);
  await query(`update webhook_deliveries set tries = 80, failure = 'answered 404' where position = 1`);
  await query('update webhook_deliveries set decided_at = now() where position = 6');

  await takeTurn();

  expect(receiver.arrived).toHaveLength(3);
  expect(figures.givenUp).toBe(5);
  expect(await query(BY_FAILURE)).toEqual([
    { isGivenUp: false, failure: 'answered 500', n: 1 },
    { isGivenUp: true, failure: 'answered 500', n: 2 },
    { isGivenUp: true, failure: 'not tried, for others failed', n: 3 },
  ]);
});

test('in order, one that fails alone is given up alone', async () => {
  const { query, figures, receiver, takeTurn } = await openTurn({ ordered: true, outcomes: 6 });
  receiver.answer((_, nth) => (nth === 1 ? 500 : 200));
  await query(FOUR_DAYS_OLD);
  await query(`update webhook_deliveries set tries = 80, failure = 'answered 404' where position = 1`);

  await takeTurn();

  expect(receiver.delivered()).toHaveLength(5);
  expect(figures.givenUp).toBe(1);
});

const ADD_GIVEN_UP = `
  insert into webhook_deliveries
    (endpoint_id, position, entry, place, submission_id, status, user_id, decided_at, failure, failed_at)
  select $1, n, 1, 1, gen_random_uuid(), 'applied', 'ann', now(), 'answered 500', now() - $2::interval
    from generate_series(1, $3::int) n`;

test('what was given up is removed after 30 days', async () => {
  const { query, addEndpoint, startCourier, redis } = await setup();
  const [young, old] = [await addEndpoint('https://a.test'), await addEndpoint('https://b.test')];
  await query(ADD_GIVEN_UP, [young, '29 days 23 hours', 5]);
  await query(ADD_GIVEN_UP, [old, '30 days 1 minute', 5]);

  await startCourier(redis);

  await waitFor(async () => (await query('select from webhook_deliveries')).length === 5);
  expect(await query('select distinct endpoint_id as id from webhook_deliveries')).toEqual([{ id: young }]);
});

const READ_ROWS = `
  select idx_tup_fetch + seq_tup_read as n from pg_stat_user_tables where relname = 'webhook_deliveries'`;

test('who looks for what is next in the order does not walk over what was given up', async () => {
  const { query, databaseUrl, addEndpoint } = await setup();
  const id = await addEndpoint('https://a.test', { ordered: true });
  await query(ADD_GIVEN_UP, [id, '1 day', 20_000]);
  await query('update webhook_deliveries set failed_at = null where position > 10_000');
  await query('analyze webhook_deliveries');
  // One connection: the server counts when it is told to, and for each by itself.
  const orm = openDatabase(databaseUrl, { poolSize: 1 });
  const rowsRead = async () => {
    await orm.em.execute('select pg_stat_force_next_flush()');
    return Number((await orm.em.execute<{ n: string }[]>(READ_ROWS))[0]?.n);
  };
  const mark = { position: '20000', entry: '1' };
  const before = await rowsRead();

  const due = await findDue(orm, mark, 0);
  const next = await readNext(orm, id, mark, 64);

  const read = (await rowsRead()) - before;
  await orm.close();
  expect([due.length, next.length]).toEqual([1, 64]);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(100);
});
