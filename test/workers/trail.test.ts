import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import type { Submission } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { type ForeignWriter, openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { ORGANIZATION_A as A, aSubmission, ORGANIZATION_B as B, owned } from '../support/submissions.ts';

/*
 * Every change of a profile's primary organization has its row, whoever makes it.
 */

const C = '00000000-0000-4000-8000-00000000000c';
const CLOSED = '00000000-0000-4000-8000-0000000000cc';

const PROFILE = `insert into users (id) values ('u1');
  insert into user_profiles (user_id, profile_type, organization_id) values ('u1', 'customer', '${A}')`;

async function setup({ before = '' } = {}) {
  const { url } = await freshDatabase();
  const orm = openDatabase(url);
  onTestFinished(() => orm.close());
  const foreign = await openForeignWriter(url);
  await foreign.query(`
    insert into organizations (id, name, active)
    values ('${A}', 'A', true), ('${B}', 'B', true), ('${C}', 'C', true), ('${CLOSED}', 'closed', false);
    ${before}`);
  return { foreign, apply: (...batch: Submission[]) => applyBatch(orm, owned(), batch) };
}

/** From, to and which issue, in the order in which it was written. */
async function trailOf(foreign: ForeignWriter, userId = 'u1') {
  const rows = await foreign.query(
    `select from_organization_id, to_organization_id, issue_id from primary_organization_changes c
      where user_id = $1 and user_profile_id = (select id from user_profiles where user_id = $1) order by id`,
    [userId],
  );
  return rows.map(row => Object.values(row));
}

const to = (organizationId: string, facts: Partial<Submission> = {}) =>
  aSubmission({ organizationId, ...facts });

const move = (organizationId: string) => `update user_profiles set organization_id = '${organizationId}'`;

test('each step of a batch has a row, but for the first organization of a user and for repeats', async () => {
  const { foreign, apply } = await setup();
  const batch = [to(A), to(A), to(B), to(A), to(A), to(C)];

  await apply(...batch);

  expect(await trailOf(foreign)).toEqual([
    [A, B, batch[2]?.id],
    [B, A, batch[3]?.id],
    [A, C, batch[5]?.id],
  ]);
});

test('a profile that was there and comes back to where it was leaves two rows', async () => {
  const { foreign, apply } = await setup({ before: PROFILE });
  const [there, back] = [to(B), to(A)];

  await apply(there, back);

  expect(await trailOf(foreign)).toEqual([
    [A, B, there.id],
    [B, A, back.id],
  ]);
  expect(await foreign.query('select organization_id from user_profiles')).toEqual([{ organization_id: A }]);
});

test('users of one batch have each their own', async () => {
  const { foreign, apply } = await setup({ before: PROFILE });
  const batch = [to(B), to(A, { userId: 'u2' }), to(A), to(C, { userId: 'u2' })];

  await apply(...batch);

  expect(await trailOf(foreign)).toEqual([
    [A, B, batch[0]?.id],
    [B, A, batch[2]?.id],
  ]);
  expect(await trailOf(foreign, 'u2')).toEqual([[A, C, batch[3]?.id]]);
});

test('what is rejected moves nothing, and what is applied again adds nothing', async () => {
  const { foreign, apply } = await setup();
  const batch = [to(A), to(CLOSED), to(B)];
  await apply(...batch);
  const before = await foreign.query('select * from primary_organization_changes');

  await apply(...batch);
  await apply(to(CLOSED));

  expect(before).toHaveLength(1);
  expect(await foreign.query('select * from primary_organization_changes')).toEqual(before);
});

test('somebody else who moves a profile leaves a row without an issue', async () => {
  const { foreign, apply } = await setup();
  const [first, last] = [to(A), to(A)];
  await apply(first);

  await foreign.query(move(B));
  await foreign.query(move(B));
  await foreign.query(`update user_profiles set status = 'active'`);
  await apply(last);

  expect(await trailOf(foreign)).toEqual([
    [A, B, null],
    [B, A, last.id],
  ]);
});

test.for([
  {
    where: 'elsewhere',
    between: C,
    expected: (id: string) => [
      [A, C, null],
      [C, B, id],
    ],
  },
  { where: 'to the same place', between: B, expected: () => [[A, B, null]] },
])(
  'somebody else who moves a profile $where between our read and our write leaves no gap',
  async ({ between, expected }) => {
    const { foreign, apply } = await setup({ before: PROFILE });
    const submission = to(B);
    await foreign.query('begin');
    await foreign.query(move(between));

    const applying = apply(submission);
    await foreign.isWaitedFor();
    await foreign.query('commit');
    await applying;

    expect(await trailOf(foreign)).toEqual(expected(submission.id));
    expect(await foreign.query('select organization_id from user_profiles')).toEqual([
      { organization_id: B },
    ]);
  },
);

test('what is rolled back leaves no row, and tried again it leaves one', async () => {
  const { foreign, apply } = await setup({ before: PROFILE });
  const submission = to(B);
  await foreign.query('begin');
  const customer = `insert into customers (user_id, organization_id, user_profile_id)
    select user_id, '${B}', id from user_profiles`;
  await foreign.query(customer);

  const applying = apply(submission);
  await foreign.isWaitedFor();
  await foreign.query('commit');
  await applying;

  expect(await trailOf(foreign)).toEqual([[A, B, submission.id]]);
});

test('a move leaves older issues and customers byte for byte as they were', async () => {
  const { foreign, apply } = await setup();
  const everything = (table: string, known: readonly unknown[] = []) =>
    foreign.query(
      `select t::text, md5(t::text), t.xmin::text, t.ctid::text from ${table} t
        where not id = any($1) order by id`,
      [known],
    );
  await apply(to(A), to(B), to(A), to(A, { userId: 'u2' }));
  const before = [await everything('issues'), await everything('customers')];
  const ids = await foreign.query('select array_agg(id) as all from customers');

  const moving = to(C);
  await apply(moving);
  await foreign.query(move(B));

  const newCustomer = await foreign.query('select id from customers where not id = any($1)', [ids[0]?.all]);
  expect(newCustomer).toHaveLength(1);
  expect([
    await everything('issues', [moving.id]),
    await everything('customers', [newCustomer[0]?.id]),
  ]).toEqual(before);
  expect(before.map(rows => rows.length)).toEqual([4, 3]);
});
