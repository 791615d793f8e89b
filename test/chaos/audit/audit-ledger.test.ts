import { describe, expect, it } from 'vitest';
import type { Submission } from '../../../src/submission.ts';
import { type Audited, LANES, openAudited, refusalRow } from '../../audit/support/audited.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B } from '../../support/submissions.ts';
import { Ledger, type Raise } from '../ledger.ts';
import { auditLedger } from './audit-ledger.ts';
import type { AuditReport } from './findings.ts';

/** `u1`, Ann, raised for A, B and A, and `u2`, Bob, for B; all of it is applied, and what both were told. */
interface Setting extends Audited {
  readonly ledger: Ledger;
  readonly ann: readonly [Raise, Raise, Raise];
  readonly bob: Raise;
  report(): Promise<AuditReport>;
}

async function setUp(): Promise<Setting> {
  const audited = await openAudited();
  const { databaseUrl, queueUrl, submissions } = audited;
  const ledger = new Ledger();
  const [first, second, third, bob] = submissions.map(submission => tell(ledger, submission, 201));
  if (!first || !second || !third || !bob) throw new Error('there are four');
  const report = () => auditLedger(ledger, { databaseUrl, queueUrl, lanes: LANES, againAfterMs: 0 });
  return { ...audited, ledger, ann: [first, second, third], bob, report };
}

/** Writes into the ledger how a submission was answered. */
function tell(
  ledger: Ledger,
  { id, userId, organizationId, title }: Submission,
  status: number,
  code?: string,
): Raise {
  const raise = ledger.begin(userId, { key: id, organizationId, title });
  ledger.answered(userId, raise, Date.now(), { status, submissionId: id, code });
  return raise;
}

describe('reports', () => {
  it('an issue that is gone as lost, if it was not on its lane when the suite emptied the store', async () => {
    const { sql, ann, report, ledger } = await setUp();
    const { submissionId = '' } = ann[1];

    await sql(`delete from issues where id = '${submissionId}'; delete from primary_organization_changes`);
    expect(kinds(await report())).toEqual([['lost', submissionId]]);
    ledger.lostByFlush.add(submissionId);

    expect(await report()).toMatchObject({
      findings: [],
      counts: { lostByFlush: 1, accepted: 4, applied: 3 },
    });
  });

  it('the same content under another id as doubled', async () => {
    const { sql, bob, report } = await setUp();

    await sql(`insert into issues (id, customer_id, organization_id, title)
      select gen_random_uuid(), customer_id, organization_id, title from issues where id = '${bob.submissionId}'`);

    expect(kinds(await report())).toEqual([['doubled', bob.submissionId]]);
  });

  it('an issue that is refused as well as doubled', async () => {
    const { sql, bob, report } = await setUp();

    await sql(refusalRow(stored(bob, 'u2')));

    expect(kinds(await report())).toEqual([['doubled', bob.submissionId]]);
  });

  it('an issue that nobody raised, and one that was refused at the door', async () => {
    const { sql, bob, report } = await setUp();
    const stranger = crypto.randomUUID();

    await sql(`insert into issues (id, customer_id, organization_id, title)
      select '${stranger}', customer_id, organization_id, 'stranger' from issues where id = '${bob.submissionId}'`);
    bob.outcome = 'refused';
    bob.tries.splice(0, Infinity, { at: 0, answeredAt: 0, status: 400 });

    expect(kinds(await report())).toEqual([
      ['unexplained', bob.submissionId],
      ['unexplained', stranger],
    ]);
  });

  it('a refusal that nobody raised', async () => {
    const { sql, report } = await setUp();
    const stranger = aSubmission();

    await sql(refusalRow(stranger));

    expect(kinds(await report())).toEqual([['unexplained', stranger.id]]);
  });

  it('issues out of order, but for one that was redriven', async () => {
    const { sql, ann, report } = await setUp();

    await sql(`alter table issues alter number drop identity;
      update issues set number = -1 where id = '${ann[1].submissionId}'`);
    const { findings, histories } = await report();
    expect(findings).toMatchObject([{ kind: 'reordered', submissionId: ann[1].submissionId, userId: 'u1' }]);
    expect(histories.split('\n')).toHaveLength(4);
    expect(histories).toMatch(
      /^u1: 3 raises, 1 wrong\n {5}1 {2}sent .* 201 at .*: accepted .* issue 1 created/,
    );
    expect(histories).toMatch(
      /\n> {4}2 .* issue -1 created .* <-- reordered: applied as number -1, before raise 1/,
    );
    await sql(`${refusalRow(stored(ann[1], 'u1'), { redriven: true })};
      delete from primary_organization_changes where issue_id = '${ann[1].submissionId}';
      update primary_organization_changes set issue_id = '${ann[0].submissionId}'`);

    expect(await report()).toMatchObject({ findings: [], counts: { redriven: 1 } });
  });

  it('an issue that is not what was sent', async () => {
    const { sql, bob, report } = await setUp();

    await sql(`update issues set title = 'quite another' where id = '${bob.submissionId}'`);

    expect(kinds(await report())).toEqual([['altered', bob.submissionId]]);
  });

  it('an end other than the one that was told', async () => {
    const { sql, ann, bob, report } = await setUp();
    const [first] = ann;

    first.code = 'organization_inactive';
    first.tries.splice(0, 1, { at: 0, answeredAt: 0, status: 422 });
    await sql(`delete from issues where id = '${bob.submissionId}';
      ${refusalRow(stored(bob, 'u2'))}`);

    expect(kinds(await report())).toEqual([
      ['refusal', first.submissionId],
      ['refusal', bob.submissionId],
    ]);
  });

  it('a refusal without a record, and one with another', async () => {
    const { sql, add, finish, ledger, report } = await setUp();
    const [unrecorded, differing] = [aSubmission({ title: 'un' }), aSubmission({ title: 'differing' })];
    for (const submission of [unrecorded, differing]) {
      await add(submission);
      await finish(submission, { status: 'rejected', code: 'organization_inactive', detail: 'no' });
      tell(ledger, submission, 202);
    }

    await sql(refusalRow(differing, { code: 'profile_suspended' }));

    expect(kinds(await report())).toEqual([
      ['refusal', differing.id],
      ['refusal', unrecorded.id],
    ]);
  });

  it('profiles and customers that break the rules', async () => {
    const { sql, report } = await setUp();

    await sql(`update user_profiles set organization_id = '${ORGANIZATION_A}' where user_id = 'u2';
      update customers set user_profile_id = (select id from user_profiles where user_id = 'u2')
       where user_id = 'u1' and organization_id = '${ORGANIZATION_B}'`);

    expect((await report()).findings).toMatchObject([
      { kind: 'customer', userId: 'u1' },
      { kind: 'profile', userId: 'u2' },
    ]);
  });

  it('a change of the primary organization that is missing, one too many, and one of another issue', async () => {
    const { sql, ann, bob, report } = await setUp();
    const changes = 'primary_organization_changes';

    await sql(`delete from ${changes} where issue_id = '${ann[1].submissionId}'`);
    expect(kinds(await report())).toEqual([['trail', ann[1].submissionId]]);
    await sql(`update ${changes} set issue_id = '${ann[1].submissionId}'`);
    // By their ids, which are random.
    const both = [ann[1], ann[2]].map(({ submissionId }) => ['trail', submissionId]);
    expect(kinds(await report())).toEqual(both.toSorted());
    await sql(`insert into ${changes} (user_id, user_profile_id, from_organization_id, to_organization_id, issue_id)
      select 'u2', id, organization_id, organization_id, '${bob.submissionId}' from user_profiles where user_id = 'u2'`);

    expect(kinds(await report())).toContainEqual(['trail', bob.submissionId]);
  });

  it('lanes that are not as they should be, or not at rest', async () => {
    const { queues, add, ledger, report } = await setUp();
    const late = aSubmission({ title: 'late' });
    tell(ledger, late, 202);

    await queues[0]?.setGlobalConcurrency(2);
    await add(late, { delay: 100_000 });

    expect(kinds(await report())).toEqual([
      ['lane', undefined],
      ['not_quiet', late.id],
    ]);
  });

  it('answers outside 2xx, 4xx and 503 with Retry-After', async () => {
    const { ledger, bob, report } = await setUp();

    ledger.answered('u2', bob, 0, { status: 503, retryAfter: '1' });
    ledger.answered('u2', bob, 0, { status: 503 });
    ledger.answered('u2', bob, 0, { status: 500, detail: 'an error' });

    expect((await report()).findings).toMatchObject([
      { kind: 'answer', userId: 'u2', detail: expect.stringContaining('503') },
      { kind: 'answer', userId: 'u2', detail: expect.stringContaining('an error') },
    ]);
  });
});

function kinds({ findings }: AuditReport) {
  return findings.map(({ kind, submissionId }) => [kind, submissionId]);
}

function stored({ submissionId, organizationId, title }: Raise, userId: string) {
  return aSubmission({
    ...(submissionId === undefined ? {} : { id: submissionId }),
    title,
    userId,
    organizationId,
  });
}
