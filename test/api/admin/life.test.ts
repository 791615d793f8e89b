import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { laneIndexOf } from '../../../src/lanes.ts';
import { asObject, type System, type SystemOptions, startSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { getAsAdmin, lifeAsAdmin, redriveAsAdmin, untilRefused } from '../support/as-admin.ts';

async function start(options: SystemOptions = {}): Promise<System> {
  const system = await startSystem('redis', options);
  onTestFinished(() => system.close());
  return system;
}

test('of an issue: when it came and was applied, in which batch, and nothing of its contents', async () => {
  const system = await start();
  const organization = await system.addOrganization({ name: 'Acme' });
  const raised = await system.raise(
    'ann',
    organization,
    { description: 'secret' },
    { 'idempotency-key': 'a' },
  );
  const issue = asObject(raised.body.issue);

  const { status, body } = await lifeAsAdmin(system, String(issue.id));

  expect(status).toBe(200);
  expect(body).toMatchObject({
    submissionId: issue.id,
    userId: 'ann',
    organization: { id: organization, name: 'Acme', active: true },
    lane: `0${laneIndexOf('ann', 4)}`,
    status: 'applied',
    keyed: true,
    acceptedAt: issue.acceptedAt,
    issue: { number: 1, appliedAt: issue.createdAt, batch: { size: 1, first: 1, last: 1 } },
    canRedrive: false,
    away: [],
  });
  expect(JSON.stringify(body)).not.toMatch(/secret|drips/);
});

test('of an issue: title and description where a setting shows them', async () => {
  const system = await start({ showContent: true });
  const { body } = await system.raise('ann', await system.addOrganization(), {
    description: 'Drop by drop.',
  });

  expect((await lifeAsAdmin(system, String(body.submissionId))).body).toMatchObject({
    title: 'The tap drips',
    description: 'Drop by drop.',
  });
});

test('of a waiting one: its lane, its place there, and its job on the board', async () => {
  const system = await start({ withWorker: false, lanes: 1 });
  const organization = await system.addOrganization();
  const ids: unknown[] = [];
  for (const userId of ['ann', 'bob', 'cid']) {
    const body = { organizationId: organization, title: 'Title' };
    ids.push((await system.send(userId, 'POST', '/api/client/issues/raise', { body })).body.submissionId);
  }

  const lives = await Promise.all(ids.map(id => lifeAsAdmin(system, String(id))));

  expect(lives.map(({ body }) => [body.status, body.lane, body.place, body.waiting, body.attempts])).toEqual([
    ['queued', '00', 1, 3, 0],
    ['queued', '00', 2, 3, 0],
    ['queued', '00', 3, 3, 0],
  ]);
  const url = String(lives[1]?.body.jobUrl)
    .replace('/admin/queues/', '/admin/queues/api/')
    .replace('/queue/', '/queues/');
  expect(asObject((await getAsAdmin(system, url)).body.job)).toMatchObject({
    id: ids[1],
    externalUrl: { href: `/admin#submission=${ids[1]}` },
  });
});

test('of a batch: how many issues it wrote', async () => {
  const system = await start({ withWorker: false, lanes: 1 });
  const organization = await system.addOrganization();
  const ids = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const body = { organizationId: organization, title: 'Title' };
      return String(
        (await system.send('ann', 'POST', '/api/client/issues/raise', { body })).body.submissionId,
      );
    }),
  );
  await system.startWorker();
  const one = await waitFor(async () => {
    const { body } = await lifeAsAdmin(system, ids[4] ?? '');
    return body.issue === undefined ? undefined : asObject(body.issue);
  });

  expect(one.batch).toEqual({ size: 5, first: 1, last: 5 });
});

test('of an issue for another organization: from where to where it moved its user', async () => {
  const system = await start();
  const [a, b] = [
    await system.addOrganization({ name: 'Acme' }),
    await system.addOrganization({ name: 'Borealis' }),
  ];
  const idOf = async (organization: string) =>
    String((await system.raise('ann', organization)).body.submissionId);
  const ids = [await idOf(a), await idOf(b), await idOf(b)];

  const lives = await Promise.all(ids.map(id => lifeAsAdmin(system, id)));

  expect(lives.map(({ body }) => asObject(body.issue).moved)).toEqual([
    undefined,
    { from: { id: a, name: 'Acme' }, to: { id: b, name: 'Borealis' } },
    undefined,
  ]);
});

test('of a refused one: why, and after it was redriven that it became an issue', async () => {
  const system = await start();
  const organization = await system.addOrganization({ active: false });
  const id = await untilRefused(system, await system.raise('ann', organization));

  const before = (await lifeAsAdmin(system, id)).body;
  await system.orm.em.execute('update organizations set active = true');
  await redriveAsAdmin(system, id);
  const after = await waitFor(async () => {
    const { body } = await lifeAsAdmin(system, id);
    return body.status === 'applied' && body.attempts === 2 && body;
  });

  expect(before).toMatchObject({
    status: 'rejected',
    attempts: 1,
    refusal: { code: 'organization_inactive', inForce: true, released: false },
    canRedrive: true,
  });
  expect(after).toMatchObject({
    refusal: { code: 'organization_inactive', inForce: false },
    issue: { number: 1 },
    canRedrive: false,
  });
});

test('nothing is known of an id that nobody has', async () => {
  const system = await start({ withWorker: false });

  expect(await lifeAsAdmin(system, randomUUID())).toMatchObject({
    status: 404,
    body: { code: 'submission_not_found' },
  });
  expect(await lifeAsAdmin(system, 'no-id')).toMatchObject({ status: 400 });
});
