import path from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import type { Submission } from '../../../src/submission.ts';
import { startProduct } from '../../support/product-process.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B } from '../../support/submissions.ts';
import { TOKEN_SECRET } from '../../support/tokens.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../../support/worker-fleet.ts';
import { Ledger } from '../ledger.ts';
import { auditLedger } from './audit-ledger.ts';
import type { AuditReport } from './findings.ts';
import { recordFrom } from './support/recorded.ts';

/*
 * Proof that the auditor sees. The real product, with one of its promises broken
 * from outside, by a preload, must be reported.
 */

const PATIENCE_MS = 30_000;

let fleet: WorkerFleet;
afterEach(() => fleet.close());

describe('the audit of the ledger reports', { timeout: 2 * PATIENCE_MS }, () => {
  it('a lane with two submissions at work', async () => {
    fleet = await openWorkerFleet({ lanes: 1 });
    const ledger = new Ledger();
    // Before there are workers: on a busy machine these would otherwise keep up, and never be two.
    for (let n = 0; n < 200; n++) await accept(ledger, { userId: `user-${n % 3}` });
    const sabotaged = { ...preload('two-at-work'), READ_AHEAD: '4' };
    await Promise.all([fleet.startWorker(sabotaged), fleet.startWorker(sabotaged)]);
    await quiet();

    const { findings, histories } = await report(ledger, 1);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['reordered', 'lane']));
    expect(histories).toMatch(/^> .*<-- reordered: applied as number \d+, before raise \d+ \(number \d+\)$/m);
  });

  it('a unit of work that is left half done', async () => {
    fleet = await openWorkerFleet({ lanes: 1 });
    const ledger = new Ledger();
    const healthy = await fleet.startWorker();
    await accept(ledger, { organizationId: ORGANIZATION_A });
    await quiet();
    await healthy.end('SIGTERM');

    const sabotaged = await fleet.startWorker(preload('outside-transaction'));
    const half = await accept(ledger, { organizationId: ORGANIZATION_B });
    expect(await sabotaged.ended).toBe(null);

    const { findings, histories } = await report(ledger, 1);
    expect(findings).toMatchObject([
      { kind: 'profile', userId: 'u1' },
      { kind: 'not_quiet', submissionId: half },
    ]);
    expect(histories).toContain(`the last issue is for ${ORGANIZATION_A}, the profile has ${ORGANIZATION_B}`);
  });

  it('a commit that is none', async () => {
    fleet = await openWorkerFleet({ lanes: 1 });
    const sabotaged = await fleet.startWorker(preload('no-commit'));
    const ledger = new Ledger();
    await accept(ledger, {});
    const second = await accept(ledger, {});
    await quiet();
    await sabotaged.end('SIGTERM');
    await fleet.startWorker();
    await accept(ledger, {});
    await quiet();

    const { findings } = await report(ledger, 1);
    expect(findings.map(({ kind }) => kind)).toEqual(['lost', 'lost']);
    expect(findings[1]).toMatchObject({ userId: 'u1', submissionId: second });
  });

  it('an acknowledgement before the add', async () => {
    fleet = await openWorkerFleet({ lanes: 4 });
    await fleet.startWorker();
    const api = startApi(fleet, preload('answer-before-add'));
    const address = await addressOf(api);
    const { ledger, raise } = recordFrom(() => address);

    const { submissionId, outcome } = await raise('ann', ORGANIZATION_A);
    await api.end('SIGKILL');

    const { findings, histories } = await report(ledger, 4);
    expect(outcome).toBe('accepted');
    expect(findings).toMatchObject([{ kind: 'lost', userId: 'ann', submissionId }]);
    expect(histories).toMatch(/^> {4}1 .* 202 at .*: accepted {2}stored: nothing {2}<-- lost: /m);
  });
});

/** Puts a submission of `u1` for A on its lane, except for what is given, and notes it. @returns its id */
async function accept(ledger: Ledger, facts: Partial<Submission>): Promise<string> {
  const id = crypto.randomUUID();
  const submission = aSubmission({ id, title: `raise ${id}`, acceptedAt: new Date(), ...facts });
  const { userId, organizationId, title } = submission;
  const raise = ledger.begin(userId, { key: id, organizationId, title });
  await fleet.intake.accept(submission);
  ledger.answered(userId, raise, Date.now(), { status: 202, submissionId: id });
  return id;
}

async function quiet(): Promise<void> {
  await waitFor(async () => (await fleet.unfinished()) === 0, PATIENCE_MS);
}

function report(ledger: Ledger, lanes: number): Promise<AuditReport> {
  const { databaseUrl, queueUrl } = fleet;
  return auditLedger(ledger, { databaseUrl, queueUrl, lanes, againAfterMs: 0 });
}

function preload(name: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${path.resolve('test/chaos/audit/sabotage', `${name}.ts`)}` };
}

function startApi({ databaseUrl, queueUrl }: WorkerFleet, environment: Record<string, string>) {
  return startProduct('api', {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    LANES: '4',
    PORT: '0',
    JWT_SECRET: TOKEN_SECRET,
    ...environment,
  });
}

async function addressOf(api: ReturnType<typeof startProduct>): Promise<string> {
  const line = await api.line(text => text.includes('"msg":"listening"'));
  return Value.Parse(Type.Object({ address: Type.String() }), JSON.parse(line)).address;
}
