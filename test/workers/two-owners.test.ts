import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import type { Outcome, Submission } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { recordFailure } from '../../src/workers/record-failure.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, ORGANIZATION_A, owned } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * A process that was stopped for longer than its lock goes on as if it still had
 * its lane, while another has taken it over.
 */

const FAILURE = { status: 'failed', code: 'internal_error', detail: 'a fault of ours' } as const;

/** An inactive organization, two owners of one lane, and an administrator. */
async function setup(isolation = 'read committed') {
  const { url } = await freshDatabase();
  const [administrator, other] = [await openForeignWriter(url), await openForeignWriter(url)];
  await administrator.query(`
    insert into organizations (id, name, active) values ('${ORGANIZATION_A}', 'A', false);
    do $$ begin
      execute format('alter database %I set default_transaction_isolation = %L', current_database(), '${isolation}');
    end $$`);
  const orms = [openDatabase(url), openDatabase(url)] as const;
  onTestFinished(async () => {
    for (const orm of orms) await orm.close();
  });

  /**
   * The first owner has decided and not committed. Then what it decided by changes,
   * the second owner begins, and the first goes on.
   */
  const inBetween = async <A, B>(first: () => Promise<A>, second: () => Promise<B>, change: string) => {
    await other.query('begin');
    await other.query('lock table refusals in share row exclusive mode');
    const firstOutcome = first();
    await other.isWaitedFor();
    await administrator.query(change);
    const secondOutcome = second();
    await waitFor(async () => (await administrator.query(WAITING_FOR_LANE)).length === 1);
    await other.query('commit');
    return Promise.all([firstOutcome, secondOutcome]);
  };
  const apply = (owner: 0 | 1, submission: Submission): Promise<Outcome[]> =>
    applyBatch(orms[owner], owned(), [submission]);
  return { administrator, orms, apply, inBetween };
}

const WAITING_FOR_LANE = `select 1 from pg_locks where locktype = 'advisory' and not granted
  and database = (select oid from pg_database where datname = current_database())`;
const ACTIVATE = 'update organizations set active = true';
const END = `
  select (select count(*)::int from issues) issues,
         (select array_agg(code) from refusals where applied_at is null) refusals`;

test.each(['read committed', 'repeatable read', 'serializable'])(
  'two owners of a lane decide alike, in a database whose default is %s',
  async isolation => {
    const { administrator, apply, inBetween } = await setup(isolation);
    const submission = aSubmission();

    const [first, second] = await inBetween(
      () => apply(0, submission),
      () => apply(1, submission),
      ACTIVATE,
    );

    expect(first).toMatchObject([{ status: 'rejected', code: 'organization_inactive' }]);
    expect(second).toEqual(first.map(outcome => ({ ...outcome, again: true })));
    expect(await administrator.query(END)).toEqual([{ issues: 0, refusals: ['organization_inactive'] }]);
  },
);

test('a failure that is recorded while another owner applies is the other’s outcome', async () => {
  const { administrator, orms, apply, inBetween } = await setup();
  const submission = aSubmission();

  const outcomes = await inBetween(
    () => recordFailure(orms[0], owned(), submission, FAILURE),
    () => apply(1, submission),
    ACTIVATE,
  );

  expect(outcomes).toEqual([FAILURE, [{ ...FAILURE, again: true }]]);
  expect(await administrator.query(END)).toEqual([{ issues: 0, refusals: ['internal_error'] }]);
});

test('a failure is not recorded of what is an issue, or refused for another reason', async () => {
  const { administrator, orms, apply } = await setup();
  const [rejected, applied] = [aSubmission(), aSubmission()];
  await apply(0, rejected);
  await administrator.query(ACTIVATE);
  await apply(0, applied);

  const late = [rejected, applied].map(submission => recordFailure(orms[1], owned(), submission, FAILURE));

  expect(await Promise.all(late)).toMatchObject([
    { status: 'rejected', code: 'organization_inactive' },
    { status: 'applied', issueId: applied.id, again: true },
  ]);
  expect(await administrator.query(END)).toEqual([{ issues: 1, refusals: ['organization_inactive'] }]);
});
