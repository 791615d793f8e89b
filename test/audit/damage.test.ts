import { describe, expect, it } from 'vitest';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B, owned } from '../support/submissions.ts';
import type { StoreKind } from '../support/system.ts';
import { type Audited, LANES, minute, openAudited, refusalRow } from './support/audited.ts';

const STORES: StoreKind[] = ['redis', 'postgres'];
const REJECTED = { status: 'rejected', code: 'profile_suspended', detail: 'no' } as const;

it.for(STORES)('finds nothing wrong where nothing is, on the %s store', async kind => {
  const audited = await openAudited(kind);

  const found = await audited.audit();

  expect(found.checks.filter(({ count }) => count > 0)).toEqual([]);
  expect(found).toMatchObject({ issues: 4, jobs: 4, lanes: LANES, waiting: 0 });
  expect(found.checks.length).toBeGreaterThanOrEqual(11);
});

describe('reports damage in the database', () => {
  const damages: [string, (audited: Audited) => string, Record<string, number>][] = [
    [
      'a second profile of a type',
      () => `alter table user_profiles drop constraint user_profiles_user_id_profile_type_key;
        insert into user_profiles (user_id, profile_type, organization_id)
          values ('u1', 'customer', '${ORGANIZATION_A}')`,
      { one_profile: 1 },
    ],
    [
      'a second customer of an organization',
      () => `alter table customers drop constraint customers_user_id_organization_id_key;
        insert into customers (user_id, organization_id, user_profile_id)
          select user_id, organization_id, user_profile_id from customers where user_id = 'u2'`,
      { one_customer: 1 },
    ],
    [
      'an issue that is there twice',
      ({ submissions: [first] }) => `alter table issues drop constraint issues_pkey;
        insert into issues (id, customer_id, organization_id, title, accepted_at)
          select id, customer_id, organization_id, title, '2027-01-01' from issues where id = '${first.id}'`,
      { one_issue: 1 },
    ],
    [
      'customers of somebody else’s profile',
      () => `update customers set user_profile_id = (select id from user_profiles where user_id = 'u2')
              where user_id = 'u1'`,
      { customer_profile: 2 },
    ],
    [
      'a customer of a vendor’s profile',
      () => `with vendor as (insert into user_profiles (user_id, profile_type, organization_id)
                             values ('u2', 'vendor', '${ORGANIZATION_A}') returning id)
             update customers set user_profile_id = vendor.id from vendor where user_id = 'u2'`,
      { customer_profile: 1 },
    ],
    [
      'a customer whose profile is gone',
      () => `alter table customers drop constraint customers_user_profile_id_fkey;
        delete from user_profiles where user_id = 'u2'`,
      { customer_profile: 1, primary_organization: 1 },
    ],
    [
      'an issue of another organization’s customer',
      ({ submissions: [first] }) =>
        `update issues set organization_id = '${ORGANIZATION_B}' where id = '${first.id}'`,
      { issue_customer: 1 },
    ],
    [
      'an issue whose customer is gone',
      ({ submissions: [, second] }) => `alter table issues drop constraint issues_customer_id_fkey;
        delete from customers where id = (select customer_id from issues where id = '${second.id}')`,
      { issue_customer: 1 },
    ],
    [
      'a primary organization that did not follow',
      () => `update user_profiles set organization_id = '${ORGANIZATION_B}' where user_id = 'u1'`,
      { primary_organization: 1 },
    ],
    [
      'issues out of order',
      ({ submissions: [first] }) =>
        `update issues set accepted_at = '${minute(5).toISOString()}' where id = '${first.id}'`,
      { order: 2 },
    ],
    ['an issue that is refused as well', ({ submissions: [first] }) => refusalRow(first), { one_end: 1 }],
    [
      'a redriven submission that is no issue',
      () => refusalRow(aSubmission(), { redriven: true }),
      { redriven_issue: 1 },
    ],
    [
      'a change in the middle that is gone',
      ({ submissions: [, , third] }) =>
        `update user_profiles set organization_id = '${ORGANIZATION_B}' where user_id = 'u1';
         update user_profiles set organization_id = '${ORGANIZATION_A}' where user_id = 'u1';
         delete from primary_organization_changes where issue_id = '${third.id}'`,
      { trail_chain: 1 },
    ],
    [
      'the last change that is gone',
      ({ submissions: [, , third] }) =>
        `delete from primary_organization_changes where issue_id = '${third.id}'`,
      { trail_chain: 1 },
    ],
    [
      'a profile that was moved past its trail',
      () => `alter table user_profiles disable trigger note_move;
        update user_profiles set organization_id = '${ORGANIZATION_B}' where user_id = 'u1'`,
      { primary_organization: 1, trail_chain: 1 },
    ],
    [
      'changes of somebody else’s profile',
      () => `update primary_organization_changes set user_profile_id = (
               select id from user_profiles where user_id = 'u2')`,
      { trail_chain: 2 },
    ],
    [
      'a change whose profile is gone',
      () => `update primary_organization_changes set user_profile_id = gen_random_uuid()
              where to_organization_id = '${ORGANIZATION_A}'`,
      { trail_chain: 2 },
    ],
    [
      'a change whose issue is gone',
      ({ submissions: [, second] }) => `delete from issues where id = '${second.id}'`,
      { trail_issue: 1, completed_applied: 1 },
    ],
    [
      'changes by issues of somebody else, and for another organization',
      ({ submissions: [, second, third, other] }) =>
        `update primary_organization_changes set issue_id = '${other.id}' where issue_id = '${second.id}';
         update primary_organization_changes set issue_id = '${second.id}' where issue_id = '${third.id}'`,
      { trail_issue: 2 },
    ],
  ];

  it.for(damages)('%s', async ([, damage, expected]) => {
    const audited = await openAudited();

    await audited.sql(damage(audited));

    expect(await audited.wrong()).toEqual(expected);
  });
});

describe('tolerates', () => {
  it('clocks that differ by less than was said', async () => {
    const audited = await openAudited();
    const { submissions, sql, wrong } = audited;
    const soon = new Date(minute(1).getTime() + 900).toISOString();

    await sql(`update issues set accepted_at = '${soon}' where id = '${submissions[0].id}'`);

    expect(await wrong()).toEqual({});
    expect(await wrong({ clockSkewMs: 800 })).toEqual({ order: 1 });
  });

  it('the late place of a redriven submission', async () => {
    const audited = await openAudited();
    const { submissions, sql, wrong } = audited;
    const [, , third] = submissions;

    await sql(`update issues set accepted_at = '${minute(-5).toISOString()}' where id = '${third.id}'`);
    expect(await wrong()).toEqual({ order: 1 });
    await sql(refusalRow(third, { redriven: true }));

    expect(await wrong()).toEqual({});
  });

  it('profiles that were moved by hand and went on, and a trail without its beginning', async () => {
    const audited = await openAudited();
    const { sql, orm, wrong, submissions } = audited;
    const [, second] = submissions;

    await sql(`update user_profiles set organization_id = '${ORGANIZATION_B}'`);
    await applyBatch(orm, owned(), [aSubmission({ acceptedAt: minute(4) })]);
    await sql(`delete from primary_organization_changes where issue_id = '${second.id}'`);

    expect(await wrong()).toEqual({});
  });

  it('profiles and customers of users without issues', async () => {
    const { sql, wrong } = await openAudited();

    await sql(`insert into users (id) values ('u3');
      with profile as (insert into user_profiles (user_id, profile_type, organization_id)
                       values ('u3', 'customer', '${ORGANIZATION_A}') returning id)
      insert into customers (user_id, organization_id, user_profile_id)
        select 'u3', '${ORGANIZATION_B}', id from profile`);

    expect(await wrong()).toEqual({});
  });

  it('a failed job whose refusal is on record, and waiting and delayed ones', async () => {
    const audited = await openAudited();
    const [refused, waiting, delayed] = [aSubmission(), aSubmission(), aSubmission()];
    await audited.sql(refusalRow(refused));

    await audited.add(refused);
    await audited.finish(refused, REJECTED);
    await audited.add(waiting);
    await audited.add(delayed, { delay: 100_000 });

    expect(await audited.wrong()).toEqual({});
    expect(await audited.audit()).toMatchObject({ waiting: 1, oldestWaiting: { lane: expect.any(String) } });
  });
});

describe.for(STORES)('reports damage on the lanes of the %s store', kind => {
  it('a lane that may have two at work, and one that may have any number', async () => {
    const audited = await openAudited(kind);

    await audited.queues[0]?.setGlobalConcurrency(2);
    expect(await audited.wrong()).toEqual({ one_at_work: 1 });
    await audited.queues[1]?.removeGlobalConcurrency();

    expect(await audited.wrong()).toEqual({ one_at_work: 2 });
  });

  it('two submissions at work on one lane', async () => {
    const audited = await openAudited(kind);
    const [lane] = audited.queues;
    const consumers = [0, 1].map(() => audited.store.openConsumer({ index: 0, of: LANES }));
    for (const userId of ['u1', 'u2', 'u3', 'u4']) await audited.add(aSubmission({ userId }), { lane: 0 });

    await lane?.setGlobalConcurrency(2);
    for (const consumer of consumers) await consumer.next();
    await lane?.setGlobalConcurrency(1);

    expect(await audited.wrong()).toMatchObject({ one_at_work: 1 });
    for (const consumer of consumers) await consumer.close();
  });

  it('another number of lanes than LANES', async () => {
    const audited = await openAudited(kind);

    expect(await audited.wrong({ lanes: 4 })).toEqual({ lane_count: 1 });
  });

  it('submissions on another lane than their user’s', async () => {
    const audited = await openAudited(kind);
    const users = ['u1', 'u2', 'u3', 'u4'];

    for (const lane of [0, 1])
      for (const userId of users) await audited.add(aSubmission({ userId }), { lane });

    expect(await audited.wrong()).toEqual({ own_lane: users.length });
  });

  it('a completed job without an issue', async () => {
    const audited = await openAudited(kind);
    const lost = aSubmission();

    await audited.add(lost);
    await audited.finish(lost);

    expect(await audited.wrong()).toEqual({ completed_applied: 1 });
  });

  it('a failed job without a refusal', async () => {
    const audited = await openAudited(kind);
    const refused = aSubmission();

    await audited.add(refused);
    await audited.finish(refused, REJECTED);

    expect(await audited.wrong()).toEqual({ failed_recorded: 1 });
  });

  it('every one of more jobs than a page holds, and not those that hold no submission', async () => {
    const audited = await openAudited(kind);
    const many = Array.from({ length: 450 }, () => aSubmission());
    const wrong = many.filter((_, n) => n % 100 === 0);

    for (const submission of many) await audited.add(submission);
    for (const submission of wrong) await audited.add(submission, { lane: 1 });
    for (const submission of wrong) await audited.add(submission, { lane: 0 });
    await audited.queues[0]?.add('raise', Object.create(null), { jobId: 'by-hand' });

    expect(await audited.wrong()).toEqual({ own_lane: wrong.length });
    expect((await audited.audit()).jobs).toBe(4 + 450 + wrong.length);
  });
});
