import { expect, test, vi } from 'vitest';
import { relay } from '../../src/webhooks/relay.ts';
import { recordFailure } from '../../src/workers/record-failure.ts';
import { aSubmission, ORGANIZATION_B, owned } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { PATIENCE_MS, setup } from './support/setup.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

const FAILURE = { status: 'failed', code: 'unstorable', detail: 'the database refuses it' } as const;

/** Endpoints by what they are called, and an outcome of either kind that is still in the outbox. */
async function setupOutbox() {
  const system = await setup();
  const { orm, query, apply, addEndpoint } = system;
  const ids = { early: await addEndpoint('early'), paused: await addEndpoint('paused') };
  await query('update webhook_endpoints set active = false where id = $1', [ids.paused]);
  const [applied, failed] = [aSubmission(), aSubmission()];
  await apply(applied);
  await recordFailure(orm, owned(), failed, FAILURE);
  const told = async () => {
    const rows = await query(
      `select e.url, d.submission_id from webhook_deliveries d
         join webhook_endpoints e on e.id = d.endpoint_id order by e.url, d.entry, d.place`,
    );
    return rows.map(({ url, submission_id }) => `${url} ${submission_id}`);
  };
  return { ...system, ids, told, toEarly: [`early ${applied.id}`, `early ${failed.id}`] };
}

test('an endpoint that is made inactive before it is told has what was decided before waiting', async () => {
  const { orm, query, told, toEarly } = await setupOutbox();

  await query('update webhook_endpoints set active = false');
  await relay(orm, 100);

  expect(await told()).toEqual(toEarly);
});

test('an endpoint that is made, or made active again, is told nothing that was decided before', async () => {
  const { orm, query, addEndpoint, told, toEarly } = await setupOutbox();

  await query('update webhook_endpoints set active = true');
  await addEndpoint('late');
  await relay(orm, 100);

  expect(await told()).toEqual(toEarly);
});

test('an endpoint that is deleted before it is told gets nothing, and the others what is theirs', async () => {
  const { orm, query, apply, addEndpoint, ids, told } = await setupOutbox();
  await addEndpoint('of B', { organizationId: ORGANIZATION_B });
  const [toA, toB] = [aSubmission(), aSubmission({ organizationId: ORGANIZATION_B })];
  await addEndpoint('other');
  await apply(toA, toB);

  await query('delete from webhook_endpoints where id = $1', [ids.early]);
  await relay(orm, 100);

  expect(await told()).toEqual([`of B ${toB.id}`, `other ${toA.id}`]);
  expect(await query('select from outbox')).toEqual([]);
});

test('what waits while an endpoint is inactive is sent when it is active again', async () => {
  const { query, apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  const id = await addEndpoint(receiver.url, { ordered: true });
  const [before, meanwhile, after] = [aSubmission(), aSubmission(), aSubmission()];
  const setActive = (active: boolean) =>
    query('update webhook_endpoints set active = $1 where id = $2', [active, id]);

  await apply(before);
  await setActive(false);
  await startCourier(redis);
  await apply(meanwhile);
  await waitFor(async () => (await query('select from webhook_deliveries')).length === 1);
  await setActive(true);
  await apply(after);
  await nothingIsLeft();

  expect(receiver.delivered().map(({ submissionId }) => submissionId)).toEqual([before.id, after.id]);
});

test('no more is taken than was asked for, whatever the planner thinks of the outbox', async () => {
  const { orm, query, apply, addEndpoint } = await setup();
  await addEndpoint('any');
  const submissions = Array.from({ length: 10 }, () => aSubmission());
  const [first = aSubmission(), ...others] = submissions;
  await apply(first);
  // It is thought to have one row now, and to ask for the oldest again and again would cost nothing.
  await query('vacuum analyze outbox');
  for (const each of others) await apply(each);

  const relayed = await relay(orm, 3);

  expect(relayed).toEqual({ entries: 3, deliveries: 3 });
  const told = await query('select submission_id from webhook_deliveries order by entry');
  expect(told.map(row => row.submission_id)).toEqual(submissions.slice(0, 3).map(({ id }) => id));
});
