import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import type { Submission } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { conflictName, type Fault, faultOf } from '../../src/workers/database-errors.ts';
import { thrownBy } from '../support/fault.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B, owned } from '../support/submissions.ts';

/** A database with two organizations in the state that `sql` puts it in, and a unit of work that fails on it. */
async function setup(sql = '') {
  const { url } = await freshDatabase();
  const foreign = await openForeignWriter(url);
  await foreign.query(`
    insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B');
    ${sql}`);
  const orm = openDatabase(url, { poolSize: 1 });
  onTestFinished(() => orm.close());
  const failWith = (facts: Partial<Submission> = {}) =>
    thrownBy(applyBatch(orm, owned(), [aSubmission(facts)]));
  return { url, foreign, failWith };
}

const unstorable: [string, Partial<Submission>][] = [
  ['a user id that is empty', { userId: '' }],
  ['a user id that is too long', { userId: 'x'.repeat(129) }],
  ['a user id with a NUL character', { userId: 'a\0b' }],
  ['a user id with half a character', { userId: 'a\ud800b' }],
  ['a title that is empty', { title: '' }],
  ['a title that is too long', { title: 'x'.repeat(201) }],
  ['a title with a NUL character', { title: 'a\0b' }],
  ['an email with a NUL character', { email: 'a\0b' }],
  ['an id that is no uuid', { id: 'no uuid' }],
  ['an organization that is no uuid', { organizationId: 'no uuid' }],
  ['a time that no calendar has', { acceptedAt: new Date(8.64e15) }],
];

test.each(unstorable)('%s is the fault of the submission', async (_, facts) => {
  const { failWith } = await setup();

  expect(faultOf(await failWith(facts))).toBe('submission');
});

const states: [string, string][] = [
  ['that is not migrated', 'drop table issues'],
  ['of another version', 'alter table issues drop column category'],
  ['that is read-only', inDatabase('set default_transaction_read_only = on')],
  [
    'in which we may not write',
    `do $$ begin create role nobody; exception when others then null; end $$;
     grant select on all tables in schema public to nobody; ${inDatabase('set role = nobody')}`,
  ],
];

test.each(states)('a database %s is the fault of the database', async (_, sql) => {
  const { failWith } = await setup(sql);

  expect(faultOf(await failWith())).toBe('database');
});

test('a wrong password is the fault of the database', async () => {
  const { url } = await setup();
  const wrong = new URL(url);
  wrong.password = 'wrong';
  const orm = openDatabase(wrong.href);
  onTestFinished(() => orm.close());

  expect(faultOf(await thrownBy(applyBatch(orm, owned(), [aSubmission()])))).toBe('database');
});

const PROFILE_OF_A = `
  insert into users (id) values ('u1');
  insert into user_profiles (user_id, profile_type, organization_id)
  values ('u1', 'customer', '${ORGANIZATION_A}');`;

/** Every step of a unit of work that can meet an error. */
const steps: [string, string][] = [
  ['adding a user', 'create trigger fail before insert on users'],
  ['adding a profile', 'create trigger fail before insert on user_profiles'],
  ['changing a profile', `${PROFILE_OF_A} create trigger fail before update on user_profiles for each row`],
  ['adding a customer', 'create trigger fail before insert on customers'],
  ['adding an issue', 'create trigger fail before insert on issues'],
  [
    'the commit',
    'create constraint trigger fail after insert on issues deferrable initially deferred for each row',
  ],
];

/** SQLSTATEs of appendix A of PostgreSQL's manual, most of which no test can bring about. */
const codes: [string, Fault, string][] = [
  ['23505', 'conflict', 'unique_violation'],
  ['40001', 'conflict', 'serialization_failure'],
  ['40P01', 'conflict', 'deadlock_detected'],
  ['23514', 'submission', '23514'],
  ['22003', 'submission', '22003'],
  ['53100', 'database', '53100'],
  ['53200', 'database', '53200'],
  ['57014', 'database', '57014'],
  ['57P01', 'database', '57P01'],
  ['58030', 'database', '58030'],
];

test.each(steps)('whose fault an error is does not depend on the step: %s', async (_, trigger) => {
  const { foreign, failWith } = await setup(`
    create table fault (code text);
    insert into fault values ('');
    create function fail() returns trigger language plpgsql as $$
      declare told text := (select code from fault);
      begin raise exception 'as told' using errcode = told; end $$;
    ${trigger} execute function fail()`);

  const seen: unknown[] = [];
  for (const [code] of codes) {
    await foreign.query('update fault set code = $1', [code]);
    const error = await failWith({ organizationId: ORGANIZATION_B });
    seen.push([code, faultOf(error), conflictName(error)]);
  }

  expect(seen).toEqual(codes);
});

test.each([
  new TypeError('x is not a function'),
  Object.assign(new Error('of Node'), { code: 'ERR_INVALID_ARG_TYPE' }),
  new Error('of ours'),
  'a text that was thrown',
  undefined,
])('an error that is no database error is the fault of the program: %s', error => {
  expect(faultOf(error)).toBe('program');
});

function inDatabase(setting: string): string {
  return `do $$ begin execute format('alter database %I ${setting}', current_database()); end $$;`;
}
