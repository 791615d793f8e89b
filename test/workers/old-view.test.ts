import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { type ForeignWriter, openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B, owned } from '../support/submissions.ts';

/*
 * The fault that this project replaces, as the old synchronous view had it. It
 * looked for a profile by user, organization and type, while the table allows
 * one per user and type.
 */

const BITES = 'duplicate key value violates unique constraint "user_profiles_user_id_profile_type_key"';

async function findProfile(database: ForeignWriter, userId: string, organizationId: string) {
  const [profile] = await database.query(
    `select id from user_profiles
      where user_id = $1 and organization_id = $2 and profile_type = 'customer'`,
    [userId, organizationId],
  );
  return profile?.id;
}

async function insertProfile(database: ForeignWriter, userId: string, organizationId: string): Promise<void> {
  await database.query(
    `insert into user_profiles (user_id, organization_id, profile_type) values ($1, $2, 'customer')`,
    [userId, organizationId],
  );
}

async function oldView(database: ForeignWriter, userId: string, organizationId: string): Promise<void> {
  const profile = await findProfile(database, userId, organizationId);
  if (profile === undefined) await insertProfile(database, userId, organizationId);
}

/** A user who is no customer yet, two organizations, and two views at work. */
async function setup() {
  const { url } = await freshDatabase();
  const [view, otherView] = [await openForeignWriter(url), await openForeignWriter(url)];
  await view.query(`
    insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B');
    insert into users (id) values ('u1')`);
  const orm = openDatabase(url);
  onTestFinished(() => orm.close());
  return { view, otherView, orm };
}

const PROFILES = 'select user_id, profile_type, organization_id from user_profiles';

function oneProfileOf(organizationId: string) {
  return [{ user_id: 'u1', profile_type: 'customer', organization_id: organizationId }];
}

test('a customer of A who raises for B was an error 500 in the old view', async () => {
  const { view } = await setup();
  await oldView(view, 'u1', ORGANIZATION_A);

  await expect(oldView(view, 'u1', ORGANIZATION_B)).rejects.toThrow(BITES);
  expect(await view.query(PROFILES)).toEqual(oneProfileOf(ORGANIZATION_A));
});

test('on the same data the unit of work raises for B, and the profile follows', async () => {
  const { view, orm } = await setup();
  await oldView(view, 'u1', ORGANIZATION_A);

  const outcomes = await applyBatch(orm, owned(), [aSubmission({ organizationId: ORGANIZATION_B })]);

  expect(outcomes).toMatchObject([{ status: 'applied' }]);
  expect(await view.query(PROFILES)).toEqual(oneProfileOf(ORGANIZATION_B));
  expect(await view.query('select organization_id from customers')).toEqual([
    { organization_id: ORGANIZATION_B },
  ]);
});

test('two messages of one person at once were an error 500 for one of them', async () => {
  const { view, otherView } = await setup();
  const found = [
    await findProfile(view, 'u1', ORGANIZATION_A),
    await findProfile(otherView, 'u1', ORGANIZATION_A),
  ];

  const insertions = await Promise.allSettled([
    insertProfile(view, 'u1', ORGANIZATION_A),
    insertProfile(otherView, 'u1', ORGANIZATION_A),
  ]);

  expect(found).toEqual([undefined, undefined]);
  const refused = insertions.filter(insertion => insertion.status === 'rejected');
  expect(refused.map(({ reason }) => String(reason))).toEqual([expect.stringContaining(BITES)]);
});

test('two units of work at once both raise, with one profile and one customer', async () => {
  const { view, orm } = await setup();
  const both = [aSubmission(), aSubmission()];

  // On two lanes, as never happens to one user: on one the second would only wait.
  const outcomes = await Promise.all(
    both.map((submission, index) => applyBatch(orm, owned({ index, of: 2 }), [submission])),
  );

  expect(outcomes.flat()).toMatchObject([{ status: 'applied' }, { status: 'applied' }]);
  expect(await view.query(PROFILES)).toEqual(oneProfileOf(ORGANIZATION_A));
  expect(await view.query('select count(*)::int from customers')).toEqual([{ count: 1 }]);
  expect(await view.query('select count(*)::int from issues')).toEqual([{ count: 2 }]);
});
