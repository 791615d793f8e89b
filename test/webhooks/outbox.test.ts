import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { LaneLostError } from '../../src/lane-lost-error.ts';
import type { Submission } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { applyUntilDone } from '../../src/workers/apply-until-done.ts';
import { recordFailure } from '../../src/workers/record-failure.ts';
import { thrownBy } from '../support/fault.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, LANE, ORGANIZATION_A, ORGANIZATION_B, owned } from '../support/submissions.ts';

const OUTBOX = 'select follows::int, outcomes from outbox order by id';

/** Organization A is told, B is not. */
async function setup() {
  const { url } = await freshDatabase();
  const orm = openDatabase(url);
  onTestFinished(() => orm.close());
  const { query } = await openForeignWriter(url);
  await query(`
    insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B');
    insert into webhook_endpoints (organization_id, url, secret)
    values ('${ORGANIZATION_A}', 'https://a.test', 's'), ('${ORGANIZATION_A}', 'https://b.test', 's')`);
  const apply = (...batch: Submission[]) => applyBatch(orm, owned(), batch);
  const outbox = () => query(OUTBOX);
  return { orm, query, apply, outbox };
}

const toB = (facts: Partial<Submission> = {}) => aSubmission({ organizationId: ORGANIZATION_B, ...facts });
const entryOf = (follows: number, ...outcomes: object[]) => ({ follows, outcomes });
const told = ({ id }: Submission) => ({ id });

test('a unit of work leaves one entry, of what is for organizations that are told', async () => {
  const { apply, outbox } = await setup();
  const [first, second, third] = [aSubmission(), toB(), aSubmission()];

  await apply(first, second, third);
  await apply(toB());
  const last = aSubmission();
  await apply(last);

  expect(await outbox()).toEqual([entryOf(0, told(first), told(third)), entryOf(4, told(last))]);
});

test('a sequence that was set to the next number says what the last one was', async () => {
  const { query, apply, outbox } = await setup();
  await query(`select setval('issues_number_seq', 8, false)`);
  const submission = aSubmission();

  await apply(submission);

  expect(await outbox()).toEqual([entryOf(7, told(submission))]);
});

test('nobody is told through an endpoint that is not active', async () => {
  const { query, apply, outbox } = await setup();
  await query('update webhook_endpoints set active = false');

  await apply(aSubmission());

  expect(await outbox()).toEqual([]);
});

test('a rejection is told with its reason, and where it stands among the issues', async () => {
  const { query, apply, outbox } = await setup();
  await query(`
    insert into users (id) values ('s');
    insert into user_profiles (user_id, profile_type, organization_id, status)
    values ('s', 'customer', '${ORGANIZATION_A}', 'suspended')`);
  const [first, refused, third] = [aSubmission(), aSubmission({ userId: 's' }), aSubmission()];

  await apply(first, refused, toB({ userId: 's' }), third);

  const rejection = {
    id: refused.id,
    organizationId: ORGANIZATION_A,
    userId: 's',
    status: 'rejected',
    code: 'profile_suspended',
    detail: 'the customer profile is suspended',
  };
  expect(await outbox()).toEqual([entryOf(0, told(first), rejection, told(third))]);
});

test('a submission that is refused and then applied is told of twice, in this order', async () => {
  const { query, apply, outbox } = await setup();
  await query('update organizations set active = false');
  const submission = aSubmission();

  await apply(submission);
  await query('update organizations set active = true');
  await apply({ ...submission, attempt: 1 });

  expect(await outbox()).toMatchObject([
    entryOf(0, { id: submission.id, code: 'organization_inactive' }),
    entryOf(0, told(submission)),
  ]);
});

test('what was decided before is not told again', async () => {
  const { query, apply, outbox } = await setup();
  const [applied, refused] = [aSubmission(), aSubmission()];
  await apply(applied);
  await query('update organizations set active = false');
  await apply(refused);
  const before = await outbox();

  await apply(applied, refused);

  expect(before).toHaveLength(2);
  expect(await outbox()).toEqual(before);
});

/** A database whose first `times` attempts to insert an issue collide with another writer. */
const COLLIDE = (times: number) => `
  create sequence attempts;
  create function collide() returns trigger language plpgsql as $$ begin
    if nextval('attempts') <= ${times} then raise unique_violation; end if;
    return new;
  end $$;
  create trigger collide before insert on issues for each row execute function collide()`;

test('a unit of work that is tried again is told once', async () => {
  const { query, apply, outbox } = await setup();
  await query(COLLIDE(2));
  const submission = aSubmission();

  await apply(submission);

  expect(await outbox()).toEqual([entryOf(2, told(submission))]);
});

test('nothing is told of a unit of work that is rolled back', async () => {
  const { orm, query, apply, outbox } = await setup();
  const lost = { lane: LANE, confirm: async () => Promise.reject(new LaneLostError('for the test')) };
  await thrownBy(applyBatch(orm, lost, [aSubmission()]));
  await query(COLLIDE(100));
  await thrownBy(apply(aSubmission()));

  expect(await outbox()).toEqual([]);
  expect(await query('select from issues')).toEqual([]);
});

test('of a batch that is halved each outcome is told once, the failure of the guilty one as well', async () => {
  const { orm, outbox } = await setup();
  const submissions = Array.from({ length: 6 }, (_, n) => aSubmission(n === 4 ? { title: 'a\0b' } : {}));

  for (let done = 0; done < submissions.length; ) {
    const outcomes = await applyUntilDone(submissions.slice(done), {
      apply: batch => applyBatch(orm, owned(), batch),
      record: (submission, failure) => recordFailure(orm, owned(), submission, failure),
      waitForDatabase: async () => {},
      log: pino({ enabled: false }),
    });
    done += outcomes.length;
  }

  const outcomes = (await outbox()).flatMap(entry => entry.outcomes);
  expect(outcomes).toMatchObject(submissions.map(told));
  expect(outcomes[4]).toEqual({
    id: submissions[4]?.id,
    organizationId: ORGANIZATION_A,
    userId: 'u1',
    status: 'failed',
    code: 'unstorable',
    detail: 'the database refuses what was sent',
  });
});

test.each([
  ['an organization that is none', { organizationId: 'no id' }],
  ['an organization that is not told', { organizationId: ORGANIZATION_B }],
])('a failure is recorded, and not told, of %s', async (_, facts) => {
  const { orm, query, outbox } = await setup();
  const failure = { status: 'failed', code: 'unstorable', detail: 'the database refuses it' } as const;

  await recordFailure(orm, owned(), aSubmission(facts), failure);

  expect(await query('select code from refusals')).toEqual([{ code: 'unstorable' }]);
  expect(await outbox()).toEqual([]);
});

test('a failure is told of a user whose id is half a character', async () => {
  const { orm, outbox } = await setup();
  const failure = { status: 'failed', code: 'unstorable', detail: 'the database refuses it' } as const;
  const submission = aSubmission({ userId: 'half \ud800', organizationId: ORGANIZATION_A.toUpperCase() });

  await recordFailure(orm, owned(), submission, failure);
  await recordFailure(orm, owned(), submission, failure);

  const { id } = submission;
  const facts = { id, organizationId: ORGANIZATION_A, userId: 'half \ufffd', ...failure };
  expect(await outbox()).toEqual([entryOf(0, facts)]);
});
