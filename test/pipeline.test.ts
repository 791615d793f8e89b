import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { groupPrefix } from '../src/api/bull-board-paths.ts';
import { laneIndexOf, laneQueueName } from '../src/lanes.ts';
import { domainOf } from './support/domain-of.ts';
import { ADMIN, type Answer, type StoreKind, type System, startSystem } from './support/system.ts';
import { waitFor } from './support/wait-for.ts';

const LANES = 4;
const STORES: StoreKind[] = ['redis', 'postgres'];

describe.for(STORES)('on the %s store, through HTTP, queue, worker and database', kind => {
  let system: System;

  async function setup(): Promise<{ system: System; a: string; b: string }> {
    system = await startSystem(kind, { lanes: LANES });
    return { system, a: await system.addOrganization(), b: await system.addOrganization() };
  }

  afterEach(() => system.close());

  it('lets a customer of A raise an issue for B', async () => {
    const { a, b } = await setup();

    await system.raise('ann', a);
    const raised = await system.raise('ann', b);

    expect(raised).toMatchObject({
      status: 201,
      body: { status: 'completed', issue: { organizationId: b } },
    });
    expect(await domainOf(system, 'ann')).toEqual({
      profiles: [b],
      customers: [a, b].sort(),
      issues: [a, b],
    });
  });

  it('makes profile and customer for a user who has none', async () => {
    const { a } = await setup();

    const raised = await system.raise('new', a);

    expect(raised.status).toBe(201);
    expect(await domainOf(system, 'new')).toEqual({ profiles: [a], customers: [a], issues: [a] });
  });

  it('takes a second issue for the same organization', async () => {
    const { a } = await setup();

    const [first, second] = [await system.raise('ann', a), await system.raise('ann', a)];

    expect(numberOf(second)).toBeGreaterThan(numberOf(first));
    expect(await domainOf(system, 'ann')).toEqual({ profiles: [a], customers: [a], issues: [a, a] });
  });

  it('takes 50 requests of one user at once', async () => {
    const { a, b } = await setup();

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => system.raise('ann', n % 2 ? a : b)),
    );

    expect(answers.map(answer => answer.status)).toEqual(Array(50).fill(201));
    const { profiles, customers, issues } = await domainOf(system, 'ann');
    expect(profiles).toEqual([issues.at(-1)]);
    expect(customers).toEqual([a, b].sort());
    expect(issues).toHaveLength(50);
  });

  it('takes requests of 50 users at once, each a new one who then turns to another organization', async () => {
    const { a, b } = await setup();
    const users = Array.from({ length: 50 }, (_, n) => `user-${n}`);

    const answers = await Promise.all(
      users.map(async user =>
        [await system.raise(user, a), await system.raise(user, b)].map(each => each.status),
      ),
    );

    expect(answers).toEqual(users.map(() => [201, 201]));
    for (const user of users) {
      expect(await domainOf(system, user)).toEqual({
        profiles: [b],
        customers: [a, b].sort(),
        issues: [a, b],
      });
    }
  });

  it('applies what one user sent without waiting in the order of its acceptance', async () => {
    const { a } = await setup();
    const accepted: unknown[] = [];

    for (let n = 0; n < 40; n++) {
      const { status, body } = await system.raise(
        'ann',
        a,
        { title: `number ${n}` },
        { prefer: 'respond-async' },
      );
      expect(status).toBe(202);
      accepted.push(body.submissionId);
    }
    const last = `/api/client/issues/submissions/${accepted.at(-1)}`;
    await waitFor(async () => (await system.send('ann', 'GET', last)).body.status === 'completed');

    const applied = await system.orm.em.execute<{ id: string }[]>('select id from issues order by number');
    expect(applied.map(issue => issue.id)).toEqual(accepted);
  });

  it('rejects with a reason, and turns the rejection into an issue when it is retried on the dashboard', async () => {
    const { a } = await setup();
    const missing = crypto.randomUUID();

    const rejected = await system.raise('ann', missing);
    expect(rejected).toMatchObject({ status: 422, body: { code: 'organization_not_found' } });
    expect((await system.raise('ann', a)).status).toBe(201);
    await system.addOrganization({ id: missing });
    await retryOnDashboard(system, 'ann');

    await waitFor(async () => (await domainOf(system, 'ann')).issues.length === 2);
    expect((await domainOf(system, 'ann')).profiles).toEqual([missing]);
  });
});

function numberOf({ body }: Answer): number {
  return Value.Parse(Type.Object({ issue: Type.Object({ number: Type.Integer() }) }), body).issue.number;
}

const Board = Type.Object({
  queues: Type.Array(
    Type.Object({
      name: Type.String(),
      jobs: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    }),
  ),
});

/** Presses the retry button of a user's failed job, as Bull Board's page does. */
async function retryOnDashboard({ address }: System, userId: string): Promise<void> {
  const headers = { authorization: `Basic ${btoa(`${ADMIN.user}:${ADMIN.password}`)}` };
  const lane = { index: laneIndexOf(userId, LANES), of: LANES };
  const queue = encodeURIComponent(groupPrefix(lane) + laneQueueName(lane));
  const board = `${address}/admin/queues/api/queues`;
  const page = await fetch(`${board}?activeQueue=${queue}&status=failed`, { headers });
  const { queues } = Value.Parse(Board, await page.json());
  const job = queues.flatMap(each => each.jobs).find(({ name }) => name.includes(userId));
  const retried = await fetch(`${board}/${queue}/${job?.id}/retry`, { method: 'PUT', headers });
  expect(retried.status).toBeLessThan(300);
}
