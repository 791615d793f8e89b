import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { laneIndexOf } from '../../../src/lanes.ts';
import { startRedis } from '../../support/redis-server.ts';
import {
  asObject,
  type StoreKind,
  type System,
  type SystemOptions,
  startSystem,
} from '../../support/system.ts';
import { getAsAdmin, searchAsAdmin, untilRefused } from '../support/as-admin.ts';

async function start(store: StoreKind, options: SystemOptions = {}): Promise<System> {
  const system = await startSystem(store, options);
  onTestFinished(() => system.close());
  return system;
}

const RAISE = '/api/client/issues/raise';

/** Raises without waiting. @returns the submission's id */
async function raise(system: System, userId: string, organizationId: string, key?: string): Promise<string> {
  const { body } = await system.send(userId, 'POST', RAISE, {
    body: { organizationId, title: 'The tap drips' },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
  return String(body.submissionId);
}

/** What a search finds: ids and their status. */
async function found(system: System, text: string): Promise<Record<string, unknown>> {
  const { body } = await searchAsAdmin(system, text);
  const submissions = body.submissions as { submissionId: string; status: string }[];
  return Object.fromEntries(submissions.map(({ submissionId, status }) => [submissionId, status]));
}

describe.each<StoreKind>(['redis', 'postgres'])('on %s', store => {
  test('what waits is found by user, id, key, user and key, and organization', async () => {
    const system = await start(store, { withWorker: false });
    const [organization, unknown] = [await system.addOrganization({ name: 'Acme Water' }), randomUUID()];
    const plain = await raise(system, 'ann', organization);
    const keyed = await raise(system, 'ann lee', organization, 'order 7');
    const elsewhere = await raise(system, 'bob', unknown);

    expect(await found(system, 'ann')).toEqual({ [plain]: 'queued' });
    expect(await found(system, keyed.toUpperCase())).toEqual({ [keyed]: 'queued' });
    expect(await found(system, 'order 7')).toEqual({ [keyed]: 'queued' });
    expect(await found(system, 'ann lee order 7')).toEqual({ [keyed]: 'queued' });
    expect(await found(system, 'acme')).toEqual({ [plain]: 'queued', [keyed]: 'queued' });
    expect(await found(system, organization)).toEqual({ [plain]: 'queued', [keyed]: 'queued' });
    expect(await found(system, unknown)).toEqual({ [elsewhere]: 'queued' });
    expect(await found(system, 'nobody')).toEqual({});
  });

  test('what has ended is found in the same ways, be it an issue or refused', async () => {
    const system = await start(store);
    const active = await system.addOrganization({ name: 'Acme Water' });
    const closed = await system.addOrganization({ name: 'Borealis', active: false });
    const key = { 'idempotency-key': 'order-7' };
    const issue = String((await system.raise('ann', active, {}, key)).body.submissionId);
    const rejected = await system.raise('ann', closed, {}, { 'idempotency-key': 'order-8' });
    const refused = await untilRefused(system, rejected);

    const both = { [issue]: 'applied', [refused]: 'rejected' };
    expect(await found(system, 'ann')).toEqual(both);
    expect(await found(system, issue)).toEqual({ [issue]: 'applied' });
    expect(await found(system, refused)).toEqual({ [refused]: 'rejected' });
    expect(await found(system, 'order-7')).toEqual({ [issue]: 'applied' });
    expect(await found(system, 'order-8')).toEqual({ [refused]: 'rejected' });
    expect(await found(system, 'ann  order-7')).toEqual({ [issue]: 'applied' });
    expect(await found(system, active)).toEqual({ [issue]: 'applied' });
    expect(await found(system, 'BOREAL')).toEqual({ [refused]: 'rejected' });
    expect((await searchAsAdmin(system, 'boreal')).body.organizations).toEqual([
      { id: closed, name: 'Borealis', active: false },
    ]);
  });
});

test('a row says who, where and what came of it; no title, unless a setting shows it', async () => {
  const system = await start('redis');
  const showing = await start('redis', { showContent: true });
  const answers = await Promise.all(
    [system, showing].map(async each => {
      const issue = await each.raise('ann', await each.addOrganization({ name: 'Acme' }));
      return { issue: asObject(issue.body.issue), search: (await searchAsAdmin(each, 'ann')).body };
    }),
  );

  const [hidden, shown] = answers.map(({ search }) => (search.submissions as object[])[0]);
  expect(hidden).toEqual({
    submissionId: answers[0]?.issue.id,
    userId: 'ann',
    organizationId: answers[0]?.issue.organizationId,
    lane: `0${laneIndexOf('ann', 4)}`,
    status: 'applied',
    number: 1,
    acceptedAt: answers[0]?.issue.acceptedAt,
    endedAt: answers[0]?.issue.createdAt,
  });
  expect(shown).toMatchObject({ title: 'The tap drips' });
});

test('issues come in pages, each once', async () => {
  const system = await start('redis');
  const organization = await system.addOrganization({ name: 'Acme' });
  await Promise.all(Array.from({ length: 120 }, (_, n) => system.raise(`user ${n % 3}`, organization)));

  const seen: string[] = [];
  let before: string | undefined;
  do {
    const { body } = await searchAsAdmin(system, 'Acme', before);
    seen.push(...(body.submissions as { submissionId: string }[]).map(({ submissionId }) => submissionId));
    before = body.nextBefore as string | undefined;
  } while (before !== undefined);

  expect(seen).toHaveLength(120);
  expect(new Set(seen).size).toBe(120);
});

test('a lane is looked through up to a bound, and the answer says so', async () => {
  const system = await start('redis', { withWorker: false, lanes: 1 });
  const organization = randomUUID();
  for (let left = 2_010; left > 0; left -= 100) {
    await Promise.all(Array.from({ length: 100 }, () => raise(system, 'ann', organization)));
  }

  const { body } = await searchAsAdmin(system, 'ann');

  const looked = (body.submissions as object[]).length;
  expect(looked).toBeGreaterThan(0);
  expect(looked).toBeLessThanOrEqual(2_000);
  expect(body.cut).toEqual([`lane 00: the newest ${looked} of those that wait`]);
});

test('what one store knows is shown while the other is away', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const system = await start('redis', { queueUrl: redis.url });
  const issue = await system.raise('ann', await system.addOrganization());

  redis.freeze();
  const { status, body } = await searchAsAdmin(system, 'ann');
  redis.thaw();

  expect(status).toBe(200);
  expect(body.away).toEqual(['lanes']);
  expect(body.submissions).toMatchObject([{ submissionId: issue.body.submissionId, status: 'applied' }]);
});

test.each([
  ['nothing', ''],
  ['too much', 'x'.repeat(401)],
  ['U+0000', 'a\0b'],
])('no search for %s', async (_what, text) => {
  const system = await start('redis', { withWorker: false });

  expect(await searchAsAdmin(system, text)).toMatchObject({
    status: 400,
    body: { code: 'validation_failed' },
  });
});

test('only the administrator may search', async () => {
  const system = await start('redis', { withWorker: false });

  const answer = await system.send('ann', 'GET', '/admin/glance/search?text=ann');
  const description = await getAsAdmin(system, '/openapi.json');

  expect(answer).toMatchObject({ status: 401, body: { code: 'admin_credentials_missing' } });
  expect(Object.keys(description.body.paths as object).filter(path => path.startsWith('/admin'))).toEqual([]);
});
