import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import type { Lane } from '../../src/lanes.ts';
import type { Submission } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { conflictName } from '../../src/workers/database-errors.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, LANE, ORGANIZATION_A, ORGANIZATION_B, owned } from '../support/submissions.ts';

const PROFILE = '00000000-0000-4000-8000-0000000000f1';
const USER = `insert into users (id) values ('u1');`;
const USER_AND_PROFILE = `${USER}
  insert into user_profiles (id, user_id, profile_type, organization_id)
  values ('${PROFILE}', 'u1', 'customer', '${ORGANIZATION_A}');`;
const CUSTOMER_OF_B = `insert into customers (user_id, organization_id, user_profile_id)
  values ('u1', '${ORGANIZATION_B}', '${PROFILE}');`;

async function setup({ before = '' } = {}) {
  const { url } = await freshDatabase();
  const orm = openDatabase(url);
  onTestFinished(() => orm.close());
  const foreign = await openForeignWriter(url);
  await foreign.query(`
    insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B');
    ${before}`);
  const conflicts: string[] = [];
  const applyOn = (lane: Lane, batch: Submission[]) =>
    applyBatch(orm, owned(lane), batch, (error, attempt) =>
      conflicts.push(`${attempt} ${conflictName(error)}`),
    );
  const apply = (...batch: Submission[]) => applyOn(LANE, batch);
  return { foreign, apply, applyOn, conflicts };
}

/** What must be there in the end: one profile, one customer of B, one issue. */
const ONE_OF_EACH = `
  select (select array_agg(id::text) from users) users,
         (select array_agg(profile_type || ' ' || organization_id) from user_profiles) profiles,
         (select array_agg(c.user_id || ' ' || c.organization_id || ' ' || p.user_id)
            from customers c join user_profiles p on p.id = c.user_profile_id) customers,
         (select array_agg(i.id::text || ' ' || c.organization_id)
            from issues i join customers c on c.id = i.customer_id) issues`;

function oneOfEach({ id }: Submission) {
  return [
    {
      users: ['u1'],
      profiles: [`customer ${ORGANIZATION_B}`],
      customers: [`u1 ${ORGANIZATION_B} u1`],
      issues: [`${id} ${ORGANIZATION_B}`],
    },
  ];
}

const inserts = [
  { what: 'user', before: '', sql: USER },
  { what: 'user and profile', before: '', sql: USER_AND_PROFILE },
  {
    what: 'profile',
    before: USER,
    sql: `insert into user_profiles (user_id, profile_type, organization_id)
          values ('u1', 'customer', '${ORGANIZATION_A}')`,
  },
  { what: 'customer', before: USER_AND_PROFILE, sql: CUSTOMER_OF_B },
];

test.each(inserts)(
  'a foreign writer who inserts the same $what between our read and our flush is met',
  async ({ before, sql }) => {
    const { foreign, apply, conflicts } = await setup({ before });
    const submission = aSubmission({ organizationId: ORGANIZATION_B });
    await foreign.query('begin');
    await foreign.query(sql);

    const applying = apply(submission);
    await foreign.isWaitedFor();
    await foreign.query('commit');

    expect(await applying).toEqual([
      { status: 'applied', issueId: submission.id, number: expect.any(Number) },
    ]);
    expect(conflicts).toEqual(['1 unique_violation']);
    expect(await foreign.query(ONE_OF_EACH)).toEqual(oneOfEach(submission));
  },
);

test('a foreign writer who thinks better of it is no conflict', async () => {
  const { foreign, apply, conflicts } = await setup({ before: USER_AND_PROFILE });
  const submission = aSubmission({ organizationId: ORGANIZATION_B });
  await foreign.query('begin');
  await foreign.query(CUSTOMER_OF_B);

  const applying = apply(submission);
  await foreign.isWaitedFor();
  await foreign.query('rollback');
  await applying;

  expect(conflicts).toEqual([]);
  expect(await foreign.query(ONE_OF_EACH)).toEqual(oneOfEach(submission));
});

test('a process that applies the same submission at once leaves one issue, which is found again', async () => {
  const { foreign, applyOn, conflicts } = await setup();
  const submission = aSubmission({ organizationId: ORGANIZATION_B });
  await foreign.query('begin');
  // Holds both back until they have read the same emptiness.
  await foreign.query(USER);

  // On two lanes, as never happens to one submission: on one the second would only wait.
  const both = [0, 1].map(index => applyOn({ index, of: 2 }, [submission]));
  await foreign.isWaitedFor(2);
  await foreign.query('rollback');
  const outcomes = (await Promise.all(both)).flat();

  expect(outcomes.filter(outcome => 'again' in outcome)).toHaveLength(1);
  expect(conflicts).toEqual(['1 unique_violation']);
  expect(await foreign.query(ONE_OF_EACH)).toEqual(oneOfEach(submission));
});
