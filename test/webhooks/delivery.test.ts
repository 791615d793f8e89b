import { expect, test, vi } from 'vitest';
import { STORES } from '../support/stores.ts';
import { aSubmission, ORGANIZATION_B } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { PATIENCE_MS, setup } from './support/setup.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

test.each(STORES)('an outcome is told to each endpoint of its organization, on %s', async (_, makeStore) => {
  const { query, apply, addEndpoint, startCourier, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  await addEndpoint(`${receiver.url}/one`);
  await addEndpoint(`${receiver.url}/two`, { ordered: true });
  const { figures } = await startCourier(await makeStore());
  const submission = aSubmission({ category: 'water' });

  await apply(submission, aSubmission({ organizationId: ORGANIZATION_B }));
  await nothingIsLeft();

  expect(receiver.arrived.map(({ path }) => path).toSorted()).toEqual(['/one', '/two']);
  expect(receiver.arrived.every(({ isSigned }) => isSigned)).toBe(true);
  // Counted when it has been written down.
  await waitFor(() => figures.delivered > 1);
  expect(figures).toMatchObject({ delivered: 2, failed: 0, givenUp: 0 });
  const [issue] = await query('select created_at from issues where number = 1');
  const createdAt = new Date(Number(issue?.created_at)).toISOString();
  expect(JSON.parse(receiver.arrived[0]?.body ?? '')).toEqual({
    type: 'issue.applied',
    timestamp: createdAt,
    data: {
      submissionId: submission.id,
      organizationId: submission.organizationId,
      userId: 'u1',
      issue: {
        id: submission.id,
        number: 1,
        title: 'The printer is on fire',
        description: '',
        priority: 'normal',
        category: 'water',
        status: 'open',
        acceptedAt: '2026-01-02T03:04:05.678Z',
        createdAt,
      },
    },
  });
});

test('a refusal is told with its reason, and the issue that it becomes after all as well', async () => {
  const { query, apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  await addEndpoint(receiver.url, { ordered: true });
  await startCourier(redis);
  const submission = aSubmission();

  await query('update organizations set active = false');
  await apply(submission);
  await query('update organizations set active = true');
  await apply({ ...submission, attempt: 1 });
  await nothingIsLeft();

  const [refused, applied] = receiver.arrived;
  expect(receiver.arrived.map(({ type }) => type)).toEqual(['submission.rejected', 'issue.applied']);
  expect(refused?.id).not.toBe(applied?.id);
  expect(JSON.parse(refused?.body ?? '').data).toEqual({
    submissionId: submission.id,
    organizationId: submission.organizationId,
    userId: 'u1',
    error: {
      code: 'organization_inactive',
      detail: `organization "${submission.organizationId}" is not active`,
    },
  });
});

test('each try has the same id and the same body, until one arrives', async () => {
  const { apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  const triesOf = (id: string) => receiver.arrived.filter(each => each.id === id).length;
  receiver.answer(({ id }) => (triesOf(id) === 3 ? 200 : 500));
  await addEndpoint(receiver.url);
  const submissions = Array.from({ length: 10 }, () => aSubmission());
  await apply(...submissions);

  const { figures } = await startCourier(redis);
  await nothingIsLeft();

  expect(receiver.delivered()).toHaveLength(10);
  expect(receiver.arrived).toHaveLength(30);
  expect(figures.failed).toBe(20);
  const tries = Map.groupBy(receiver.arrived, ({ submissionId }) => submissionId);
  expect([...tries.keys()].toSorted()).toEqual(submissions.map(({ id }) => id).toSorted());
  for (const each of tries.values()) {
    expect(new Set(each.map(({ id }) => id)).size).toBe(1);
    expect(new Set(each.map(({ body }) => body)).size).toBe(1);
  }
});

test('an endpoint that fails and one that hangs do not stop the others, and are not hammered', async () => {
  const { apply, addEndpoint, startCourier, redis } = await setup();
  const receiver = await openReceiver();
  receiver.answer(({ path }) => (path === '/fails' ? 500 : path === '/hangs' ? 'hang' : 200));
  await addEndpoint(`${receiver.url}/fails`);
  await addEndpoint(`${receiver.url}/hangs`);
  await addEndpoint(`${receiver.url}/works`);
  await addEndpoint(`${receiver.url}/works-in-order`, { ordered: true });
  await apply(...Array.from({ length: 60 }, () => aSubmission()));

  await startCourier(redis, { retryAfterMs: 60_000, timeoutMs: 60_000 });
  await waitFor(() => receiver.delivered().length === 120, PATIENCE_MS);

  const sentTo = (path: string) => receiver.arrived.filter(each => each.path === path).length;
  expect(sentTo('/fails')).toBe(16);
  expect(sentTo('/hangs')).toBe(16);
});

test('an endpoint that nothing reaches is tried with one outcome at a time, and rests in between', async () => {
  const { apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  const at: number[] = [];
  receiver.answer((_, nth) => {
    at.push(performance.now());
    return nth < 19 ? 500 : 200;
  });
  await addEndpoint(receiver.url);
  await apply(...Array.from({ length: 100 }, () => aSubmission()));

  await startCourier(redis, { retryAfterMs: 100 });
  await nothingIsLeft();

  const rests = [16, 17, 18].map(nth => (at[nth] ?? 0) - (at[nth - 1] ?? 0));
  expect(rests.map((rest, nth) => rest >= 75 * 2 ** nth)).toEqual([true, true, true]);
  expect(receiver.arrived).toHaveLength(118);
});

test('an endpoint that answers 410 is told no more', async () => {
  const { query, apply, addEndpoint, startCourier, redis } = await setup();
  const receiver = await openReceiver();
  receiver.answer(() => 410);
  await addEndpoint(receiver.url, { ordered: true });
  await apply(aSubmission(), aSubmission());

  await startCourier(redis);
  await waitFor(async () => (await query('select from webhook_endpoints where not active')).length === 1);
  await apply(aSubmission());

  expect(receiver.arrived).toHaveLength(1);
  expect(await query('select from outbox')).toEqual([]);
});

test.each([
  ['is inactive', 'update webhook_endpoints set active = false where id = $1'],
  ['is deleted', 'delete from webhook_endpoints where id = $1'],
])('an endpoint that %s is not told what had been meant for it', async (_, sql) => {
  const { query, apply, addEndpoint, startCourier, redis } = await setup();
  const receiver = await openReceiver();
  receiver.answer(({ path }) => (path === '/out' ? 500 : 200));
  const out = await addEndpoint(`${receiver.url}/out`, { ordered: true });
  await addEndpoint(`${receiver.url}/in`);
  await startCourier(redis, { retryAfterMs: 1 });
  await apply(aSubmission());
  await waitFor(() => receiver.arrived.some(({ path }) => path === '/out'));

  await query(sql, [out]);
  receiver.answer(() => 200);
  // What is on its way may still arrive: of this one nothing does.
  const later = aSubmission();
  await apply(later);
  await waitFor(() => receiver.delivered('/in').some(({ submissionId }) => submissionId === later.id));

  expect(receiver.arrived.some(each => each.path === '/out' && each.submissionId === later.id)).toBe(false);
});

test('what has failed for three days is given up and kept, and those behind it go on', async () => {
  const { query, apply, addEndpoint, startCourier, redis } = await setup();
  const receiver = await openReceiver();
  const [old, young] = [aSubmission(), aSubmission()];
  receiver.answer(({ submissionId }) => (submissionId === old.id ? 500 : 200));
  await addEndpoint(receiver.url, { ordered: true });
  await apply(old);
  await query(`update outbox set decided_at = now() - interval '3 days 1 second'`);
  await apply(young);

  const { figures } = await startCourier(redis, { retryAfterMs: 60_000 });
  await waitFor(() => receiver.delivered().length === 1);
  await waitFor(async () => (await query('select from webhook_deliveries')).length === 1);

  expect(receiver.arrived.map(({ submissionId }) => submissionId)).toEqual([old.id, young.id]);
  expect(figures.givenUp).toBe(1);
  expect(
    await query('select submission_id, tries, failure, failed_at is null "isLeft" from webhook_deliveries'),
  ).toEqual([{ submission_id: old.id, tries: 1, failure: 'answered 500', isLeft: false }]);
});

test('an issue that is gone is not told of', async () => {
  const { query, apply, addEndpoint, startCourier, redis, nothingIsLeft } = await setup();
  const receiver = await openReceiver();
  receiver.answer((_, nth) => (nth === 1 ? 500 : 200));
  await addEndpoint(receiver.url, { ordered: true });
  await apply(aSubmission());

  await startCourier(redis, { retryAfterMs: 2000 });
  await waitFor(() => receiver.arrived.length === 1);
  await query('delete from issues');
  await nothingIsLeft();

  expect(receiver.delivered()).toEqual([]);
});
