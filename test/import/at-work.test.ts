import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { openDatabase } from '../../src/database.ts';
import { organizationIdOf } from '../../src/import/stable-id.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { rows } from '../support/rows.ts';
import { aSubmission } from '../support/submissions.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { untilAccepted } from '../support/until-accepted.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';
import { readReport, runImport } from './support/import-process.ts';
import { linesOf, readNew } from './support/new-database.ts';
import { makeOldCrm, type OldCrm } from './support/old-crm.ts';
import { writeSqlite } from './support/old-databases.ts';
import { Random } from './support/random.ts';

const LANES = 4;
const USERS = 4000;
const RAISING_AT_ONCE = 64;
const PATIENCE_MS = 120_000;

it('does no harm to users who raise issues meanwhile', { timeout: 2 * PATIENCE_MS }, async () => {
  const { fleet, crm, from, report } = await setup();
  const workers = [await fleet.startWorker(), await fleet.startWorker()];

  const { databaseUrl, queueUrl } = fleet;
  const importing = runImport(['--from', from, '--report', report], { databaseUrl, queueUrl, lanes: LANES });
  let over = false;
  void importing.finally(() => {
    over = true;
  });
  const raised = await raiseUntil(() => over, fleet, crm);
  const run = await importing;
  await waitFor(async () => (await fleet.unfinished()) === 0, PATIENCE_MS);

  expect(run).toMatchObject({ code: 0, stderr: expect.not.stringContaining('issue-intake') });
  expect(await wrongIn(fleet)).toEqual([]);
  const [ends] = await rows(
    databaseUrl,
    `select (select count(*) from issues)::int as issues,
            (select count(*) from refusals where applied_at is null)::int as refusals`,
  );
  const { issues, refusals } = ends as { issues: number; refusals: number };
  expect(issues + refusals).toBe(raised);
  expect(issues).toBeGreaterThan(raised / 3);
  // Under the lane's lock neither runs into the other's rows.
  expect(workers.flatMap(({ lines }) => lines.filter(line => line.includes('applying again')))).toEqual([]);
  await expectTruth(databaseUrl, crm, report);
});

async function setup() {
  const folder = await makeTempFolder('import');
  const fleet = await openWorkerFleet({ lanes: LANES });
  onTestFinished(async () => {
    await fleet.close();
    await removeTempFolder(folder);
  });
  const crm = makeOldCrm({ users: USERS, seed: 3, anyIds: false });
  const from = path.join(folder, 'old.sqlite3');
  writeSqlite(from, crm);
  return { fleet, crm, from, report: path.join(folder, 'report.csv') };
}

/** Everybody of the old CRM raises, in no order, for organizations that are there, or are not yet. @returns how many */
async function raiseUntil(isOver: () => boolean, { intake }: WorkerFleet, crm: OldCrm): Promise<number> {
  const random = new Random(4);
  let raised = 0;
  const raiseOnAndOn = async () => {
    while (!isOver()) {
      const user = crm.users[random.below(crm.users.length)];
      const organizationId = organizationIdOf(String(1 + random.below(crm.organizations.length)));
      const facts = { id: randomUUID(), userId: String(user?.id), organizationId, acceptedAt: new Date() };
      await untilAccepted(intake, aSubmission(facts));
      raised++;
    }
  };
  await Promise.all(Array.from({ length: RAISING_AT_ONCE }, raiseOnAndOn));
  return raised;
}

async function wrongIn({ databaseUrl, queueUrl }: WorkerFleet) {
  const orm = openDatabase(databaseUrl, { poolSize: 1 });
  const store = openQueueStore({ url: queueUrl, role: 'producer', log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await store.close();
    await orm.close();
  });
  await waitFor(() =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
  // Those who raise at once are not in the order of this process's clock.
  const { checks } = await audit({ store, orm, lanes: LANES, clockSkewMs: 1e12, againAfterMs: 100 });
  return checks.filter(({ count }) => count > 0);
}

/** Nothing of the old CRM is missing; who raised no issue is as the old CRM had them. */
async function expectTruth(databaseUrl: string, crm: OldCrm, report: string): Promise<void> {
  const truth = linesOf(crm.truth);
  const there = await readNew(databaseUrl);
  const missing = (name: 'organizations' | 'customers') => {
    const lines = new Set(there[name]);
    return truth[name].filter(line => !lines.has(line));
  };
  expect(missing('organizations')).toEqual([]);
  expect(missing('customers')).toEqual([]);

  const userOf = (line: string) => line.split(' ')[0] ?? '';
  const users = new Set(there.users.map(userOf));
  expect(truth.users.filter(line => !users.has(userOf(line)))).toEqual([]);

  const raisers = new Set(
    (
      await rows(
        databaseUrl,
        'select distinct user_id from issues i join customers c on c.id = i.customer_id',
      )
    ).map(row => (row as { user_id: string }).user_id),
  );
  const atRest = (lines: readonly string[]) =>
    lines.filter(line => !raisers.has(userOf(line)) || !line.includes(' customer '));
  expect(raisers.size).toBeGreaterThan(100);
  expect(atRest(there.profiles)).toEqual(atRest(truth.profiles));

  // Who raised an issue before the import came is active here, whatever the old CRM says.
  const suspended = new Set(there.profiles.filter(line => / customer .* suspended$/.test(line)).map(userOf));
  const active = truth.profiles
    .filter(line => / customer .* suspended$/.test(line) && !suspended.has(userOf(line)))
    .map(line => `profile_active_here users ${userOf(line)}`);
  const reported = readReport(report);
  expect(reported.filter(line => line.startsWith('profile_active_here')).sort()).toEqual(active.sort());
  expect(reported.filter(line => !line.startsWith('profile_active_here')).sort()).toEqual(
    crm.planted.toSorted(),
  );
}
