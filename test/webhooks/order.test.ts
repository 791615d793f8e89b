import { expect, test, vi } from 'vitest';
import type { Submission } from '../../src/submission.ts';
import { relay } from '../../src/webhooks/relay.ts';
import { Watermark } from '../../src/webhooks/watermark.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { STORES } from '../support/stores.ts';
import { aSubmission, ORGANIZATION_A, owned } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { PATIENCE_MS, setup } from './support/setup.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

const LANES = [0, 1, 2, 3].map(index => ({ index, of: 4 }));
const [LANE_0 = { index: 0, of: 4 }, LANE_1 = { index: 1, of: 4 }] = LANES;

type System = Awaited<ReturnType<typeof setup>>;

/** Any number that no lock of ours has. */
const GATE = 1;

/** Whoever has inserted an issue with this title waits at the gate. */
const WAIT_AT_GATE = `
  create function wait_at_gate() returns trigger language plpgsql as $$ begin
    if new.title = 'held' then perform pg_advisory_xact_lock(${GATE}); end if;
    return null;
  end $$;
  create trigger held after insert on issues for each row execute function wait_at_gate()`;

/** A unit of work that has drawn its numbers. @returns what lets it end */
async function heldOpen({ orm, databaseUrl }: System, submission: Submission): Promise<() => Promise<void>> {
  const gate = await openForeignWriter(databaseUrl);
  await gate.query(WAIT_AT_GATE);
  await gate.query(`select pg_advisory_lock(${GATE})`);
  const applying = applyBatch(orm, owned(LANE_0), [{ ...submission, title: 'held' }]);
  await gate.isWaitedFor();
  return async () => {
    await gate.query(`select pg_advisory_unlock(${GATE})`);
    await applying;
  };
}

test('lower numbers that are committed later are told first, where order is asked for', async () => {
  const system = await setup();
  const { orm, addEndpoint, startCourier, redis, nothingIsLeft } = system;
  const receiver = await openReceiver();
  await addEndpoint(`${receiver.url}/ordered`, { ordered: true });
  await addEndpoint(`${receiver.url}/any`);
  await startCourier(redis);
  const toldAnyOrder = (id: string) =>
    waitFor(() => receiver.delivered('/any').some(each => each.submissionId === id));
  const first = aSubmission();
  // Of another user: that of the first waits for the end of its unit of work.
  const [second, third] = [aSubmission({ userId: 'u2' }), aSubmission({ userId: 'u2' })];

  const end = await heldOpen(system, first);
  for (const each of [second, third]) {
    await applyBatch(orm, owned(LANE_1), [each]);
    await toldAnyOrder(each.id);
  }
  await end();
  await nothingIsLeft();

  const inOrder = receiver.delivered('/ordered').map(({ submissionId }) => submissionId);
  expect(inOrder).toEqual([first, second, third].map(({ id }) => id));
});

test('a turn that has begun goes no further than the order is known', async () => {
  const system = await setup();
  const { orm, query, addEndpoint, startCourier, redis, nothingIsLeft } = system;
  const receiver = await openReceiver();
  let isUp = false;
  receiver.answer(({ path }) => (path === '/any' || isUp ? 200 : 500));
  await addEndpoint(`${receiver.url}/ordered`, { ordered: true });
  await startCourier(redis, { retryAfterMs: 20 });
  const [first, second] = [aSubmission(), aSubmission()];
  const third = aSubmission({ userId: 'u2' });
  const waiting = (count: number) => async () =>
    (await query('select from webhook_deliveries')).length === count;

  await applyBatch(orm, owned(LANE_0), [first]);
  await waitFor(() => receiver.arrived.length > 0);
  const end = await heldOpen(system, second);
  await applyBatch(orm, owned(LANE_1), [third]);
  await waitFor(waiting(2));
  isUp = true;
  await waitFor(waiting(1));
  // Another turn and its rounds have gone by when one that is told in any order has its outcome.
  await addEndpoint(`${receiver.url}/any`);
  await applyBatch(orm, owned(LANE_1), [aSubmission({ userId: 'u2' })]);
  await waitFor(() => receiver.delivered('/any').length === 1);
  await end();
  await nothingIsLeft();

  const told = receiver.delivered('/ordered').map(({ submissionId }) => submissionId);
  expect(told.slice(0, 3)).toEqual([first, second, third].map(({ id }) => id));
});

/** As a courier goes about it. */
async function round({ orm }: System, watermark: Watermark, most = 100) {
  await watermark.aim();
  await relay(orm, most);
  await watermark.rise();
  const { position, entry } = watermark.mark;
  return `${position} ${entry}`;
}

test('the mark rises when those have ended that were at work, whoever has begun since', async () => {
  const system = await setup();
  const { orm, addEndpoint } = system;
  await addEndpoint('https://a.test');
  const watermark = new Watermark(orm);

  const end = await heldOpen(system, aSubmission());
  const meanwhile = await round(system, watermark);
  await end();
  const gate = Promise.withResolvers<void>();
  const another = applyBatch(orm, { lane: LANE_0, confirm: () => gate.promise }, [aSubmission()]);
  const after = await round(system, watermark);
  gate.resolve();
  await another;

  expect(meanwhile).toBe('0 0');
  expect(after).toBe('1 1');
  expect(await round(system, watermark)).toBe('2 2');
});

test('the mark does not rise before what is below it has left the outbox', async () => {
  const system = await setup();
  const { orm, apply, addEndpoint } = system;
  await addEndpoint('https://a.test');
  const watermark = new Watermark(orm);
  await apply(aSubmission());
  await apply(aSubmission());

  expect(await round(system, watermark, 1)).toBe('0 0');
  expect(await round(system, watermark, 1)).toBe('2 2');
});

test('a transaction that is nobody’s unit of work holds nothing up', async () => {
  const system = await setup();
  const { orm, databaseUrl, apply, addEndpoint } = system;
  await addEndpoint('https://a.test');
  const foreign = await openForeignWriter(databaseUrl);
  await foreign.query('begin');
  await foreign.query('select pg_advisory_xact_lock(7470023, 1), count(*) from issues');
  await foreign.query(`insert into organizations (name) values ('C')`);

  await apply(aSubmission());

  expect(await round(system, new Watermark(orm))).toBe('1 1');
});

test('a refusal comes after the issue that was there before it', async () => {
  const { orm, query, apply, addEndpoint } = await setup();
  await addEndpoint('https://a.test');
  await query(`
    insert into users (id) values ('s');
    insert into user_profiles (user_id, profile_type, organization_id, status)
    values ('s', 'customer', '${ORGANIZATION_A}', 'suspended')`);
  const refused = () => aSubmission({ userId: 's' });

  await apply(refused());
  await apply(aSubmission(), refused(), aSubmission(), refused(), refused());
  await apply(refused());
  await relay(orm, 100);

  const deliveries = await query(
    `select position || ' ' || status as told from webhook_deliveries order by position, entry, place`,
  );
  expect(deliveries.map(({ told }) => told)).toEqual([
    '0 rejected',
    '1 applied',
    '1 rejected',
    '2 applied',
    '2 rejected',
    '2 rejected',
    '2 rejected',
  ]);
});

test('what several take from the outbox at once is taken once', async () => {
  const { orm, query, apply, addEndpoint } = await setup();
  await addEndpoint('https://a.test');
  await addEndpoint('https://b.test');
  for (let n = 0; n < 20; n++) await apply(aSubmission());

  while ((await query('select from outbox')).length > 0) {
    await Promise.all([1, 2, 3, 4].map(() => relay(orm, 3)));
  }

  const [counts] = await query(
    'select count(*)::int n, count(distinct submission_id)::int of from webhook_deliveries',
  );
  expect(counts).toEqual({ n: 40, of: 20 });
});

test.each(STORES)(
  'an endpoint that fails at times is told in order, however lanes race, on %s',
  async (_, makeStore) => {
    const { orm, query, addEndpoint, startCourier, nothingIsLeft } = await setup();
    const receiver = await openReceiver();
    receiver.answer(({ path }, nth) => (path === '/fails' && nth % 3 === 0 ? 500 : 200));
    await addEndpoint(`${receiver.url}/fails`, { ordered: true });
    await addEndpoint(`${receiver.url}/works`, { ordered: true });
    await startCourier(await makeStore(), { retryAfterMs: 5 });

    await Promise.all(
      LANES.map(async lane => {
        for (let n = 0; n < 8; n++) {
          const userId = `u${lane.index}`;
          await applyBatch(orm, owned(lane), [aSubmission({ userId }), aSubmission({ userId })]);
        }
      }),
    );
    await nothingIsLeft();

    const issues = (await query('select id from issues order by number')).map(({ id }) => id);
    expect(issues).toHaveLength(64);
    for (const path of ['/fails', '/works']) {
      expect(receiver.delivered(path).map(({ submissionId }) => submissionId)).toEqual(issues);
    }
  },
);
