import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import type { Submission } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { conflictName, isConflict } from '../../src/workers/database-errors.ts';
import { thrownBy } from '../support/fault.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B, owned } from '../support/submissions.ts';

/** Two customers of organization A. */
async function setup() {
  const { url } = await freshDatabase();
  const orm = openDatabase(url);
  onTestFinished(() => orm.close());
  const foreign = await openForeignWriter(url);
  await foreign.query(`
    insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B');
    insert into users (id) values ('u1'), ('u2');
    insert into user_profiles (user_id, profile_type, organization_id)
    values ('u1', 'customer', '${ORGANIZATION_A}'), ('u2', 'customer', '${ORGANIZATION_A}')`);
  const conflicts: string[] = [];
  const apply = (...batch: Submission[]) =>
    applyBatch(orm, owned(), batch, (error, attempt) => conflicts.push(`${attempt} ${conflictName(error)}`));
  return { foreign, apply, conflicts };
}

const ISSUES = `
  select i.id, c.user_id "userId", c.organization_id "organizationId", p.organization_id "primary"
    from issues i join customers c on c.id = i.customer_id join user_profiles p on p.id = c.user_profile_id
   order by i.number`;

const toB = { organizationId: ORGANIZATION_B, primary: ORGANIZATION_B };

test('a deadlock of which we are the victim is tried again', async () => {
  const { foreign, apply, conflicts } = await setup();
  const [first, second] = [
    aSubmission({ organizationId: ORGANIZATION_B }),
    aSubmission({ organizationId: ORGANIZATION_B, userId: 'u2' }),
  ];
  await foreign.query('begin');
  // The victim is who looks for the deadlock first: that is us, after 1 s.
  await foreign.query(`set local deadlock_timeout = '15s'`);
  await foreign.query(`select 1 from user_profiles where user_id = 'u2' for no key update`);

  const applying = apply(first, second);
  await foreign.isWaitedFor();
  await foreign.query(`select 1 from user_profiles where user_id = 'u1' for no key update`);
  await foreign.query('commit');
  await applying;

  expect(conflicts).toEqual(['1 deadlock_detected']);
  expect(await foreign.query(ISSUES)).toEqual([
    { id: first.id, userId: 'u1', ...toB },
    { id: second.id, userId: 'u2', ...toB },
  ]);
});

test('a conflict that never ends is given up after six attempts, and nothing is left of them', async () => {
  const { foreign, apply, conflicts } = await setup();
  await foreign.query(`
    create function collide() returns trigger language plpgsql as $$ begin raise unique_violation; end $$;
    create trigger collide before insert on issues execute function collide()`);

  const applying = apply(aSubmission({ organizationId: ORGANIZATION_B }));

  expect(isConflict(await thrownBy(applying))).toBe(true);
  expect(conflicts).toEqual([1, 2, 3, 4, 5].map(attempt => `${attempt} unique_violation`));
  expect(await foreign.query('select 1 from customers')).toEqual([]);
  expect(await foreign.query('select distinct organization_id from user_profiles')).toEqual([
    { organization_id: ORGANIZATION_A },
  ]);
});

test('no conflict at all is no retry', async () => {
  const { foreign, apply, conflicts } = await setup();
  const submission = aSubmission({ organizationId: ORGANIZATION_B });

  await apply(submission);

  expect(conflicts).toEqual([]);
  expect(await foreign.query(ISSUES)).toEqual([{ id: submission.id, userId: 'u1', ...toB }]);
});
