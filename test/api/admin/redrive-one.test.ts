import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type StoreKind, type System, type SystemOptions, startSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { lifeAsAdmin, redriveAsAdmin, untilRefused } from '../support/as-admin.ts';

async function start(store: StoreKind, options: SystemOptions = {}): Promise<System> {
  const system = await startSystem(store, options);
  onTestFinished(() => system.close());
  return system;
}

/** @returns the id of a submission to an organization that is not active */
async function rejected(system: System): Promise<string> {
  const organization = await system.addOrganization({ active: false });
  return untilRefused(system, await system.raise('ann', organization));
}

async function issues(system: System): Promise<unknown[]> {
  return system.orm.em.execute('select id from issues');
}

describe.each<StoreKind>(['redis', 'postgres'])('on %s', store => {
  test('a rejected submission is decided anew, and becomes one issue, however often it is asked for', async () => {
    const system = await start(store);
    const id = await rejected(system);
    await system.orm.em.execute('update organizations set active = true');

    const first = await redriveAsAdmin(system, id);
    await waitFor(async () => (await issues(system)).length === 1);
    const again = await redriveAsAdmin(system, id);

    expect(first).toMatchObject({ status: 200, body: { submissionId: id, deed: 'retried' } });
    expect(again).toMatchObject({ status: 409, body: { code: 'not_refused' } });
    expect(await issues(system)).toEqual([{ id }]);
  });

  test('one that is refused again is refused again', async () => {
    const system = await start(store);
    const id = await rejected(system);

    const redriven = await redriveAsAdmin(system, id);
    const life = await waitFor(async () => {
      const { body } = await lifeAsAdmin(system, id);
      return body.status === 'rejected' && body.attempts === 2 && body;
    });

    expect(redriven.body).toMatchObject({ deed: 'retried' });
    expect(life).toMatchObject({ canRedrive: true, refusal: { inForce: true, released: false } });
  });
});

test('one that has not ended, or is an issue, or is not there, is not redriven', async () => {
  const system = await start('redis');
  const idle = await start('redis', { withWorker: false });
  const body = { organizationId: await system.addOrganization(), title: 'Title' };
  const issue = (await system.raise('ann', body.organizationId)).body.submissionId;
  const waiting = (await idle.send('ann', 'POST', '/api/client/issues/raise', { body })).body.submissionId;

  expect(await redriveAsAdmin(system, String(issue))).toMatchObject({ body: { code: 'not_refused' } });
  expect(await redriveAsAdmin(idle, String(waiting))).toMatchObject({ body: { code: 'not_refused' } });
  expect(await redriveAsAdmin(system, randomUUID())).toMatchObject({ status: 404 });
});

test('where actions are not allowed nothing is redriven, and it says which setting allows them', async () => {
  const system = await start('redis', { allowActions: false });
  const id = await rejected(system);

  const answer = await redriveAsAdmin(system, id);

  expect(answer).toMatchObject({ status: 403, body: { code: 'admin_actions_off' } });
  expect(answer.body.detail).toContain('ADMIN_ACTIONS=1');
  expect((await lifeAsAdmin(system, id)).body).toMatchObject({ canRedrive: false, attempts: 1 });
});

test.each<[string, Record<string, string>, string, number]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }, '{}', 403],
  ['a sister site', { 'sec-fetch-site': 'same-site' }, '{}', 403],
  ['another origin', { origin: 'https://elsewhere.example' }, '{}', 403],
  ['no origin that a browser tells', { origin: 'null' }, '{}', 403],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 415],
])('nothing is redriven by a request from %s', async (_from, headers, body, status) => {
  const system = await start('redis');
  const id = await rejected(system);

  expect((await redriveAsAdmin(system, id, headers, body)).status).toBe(status);
  expect((await lifeAsAdmin(system, id)).body).toMatchObject({ status: 'rejected', attempts: 1 });
});

test('a page of this service may', async () => {
  const system = await start('redis');
  const ids = [await rejected(system), await rejected(system)];

  const answers = [
    await redriveAsAdmin(system, ids[0] ?? '', { 'sec-fetch-site': 'same-origin' }),
    await redriveAsAdmin(system, ids[1] ?? '', { origin: system.address }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});
