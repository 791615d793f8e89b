import { pino } from 'pino';
import { afterEach, expect, it, test } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { ConfigError } from '../src/environment.ts';
import { Progress } from '../src/progress.ts';
import { REDRIVE_HELP, readRedriveArguments, type Selection } from '../src/redrive/arguments.ts';
import { type Deed, findRefused, redrive } from '../src/redrive/redrive.ts';
import { runWorker } from '../src/run-worker.ts';
import { Shutdown } from '../src/shutdown.ts';
import { type Ledger, raiseAll } from './support/ledger.ts';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { rows } from './support/rows.ts';
import { ORGANIZATION_B } from './support/submissions.ts';
import { waitFor } from './support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from './support/worker-fleet.ts';

const LANES = 2;
const STORES = ['redis', 'postgres'] as const;

let fleet: WorkerFleet;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const log = pino({ level: 'silent' });

/** Submissions that were all rejected, and whose organizations are active since. No worker runs. */
async function setup(store: (typeof STORES)[number], sent: { users: number; each: number }): Promise<Ledger> {
  fleet = await openWorkerFleet({ lanes: LANES, store });
  cleanUps.push(() => fleet.close());
  await setActive(false);
  const ledger = await raiseAll(fleet.intake, sent);
  await applyAll(0);
  await setActive(true);
  return ledger;
}

async function setActive(active: boolean): Promise<void> {
  await rows(fleet.databaseUrl, `update organizations set active = ${active}`);
}

/** Runs a worker in this process until nothing waits any more. */
async function applyAll(issues: number): Promise<void> {
  const { queueUrl, databaseUrl } = fleet;
  const orm = openDatabase(databaseUrl);
  const shutdown = new Shutdown(log);
  shutdown.add(() => orm.close());
  await runWorker({ queueUrl, refuseVolatile: false, orm, lanes: LANES, readAhead: 32, log, shutdown });
  await waitFor(async () => (await fleet.unfinished()) === 0);
  await shutdown.closeAll('all is applied');
  expect(await fleet.issues()).toBe(issues);
}

const ALL: Selection = { code: undefined, userId: undefined };

/** Redrives in this process. @returns how often which deed was done */
async function redriveHere(selection: Partial<Selection> = {}): Promise<Partial<Record<Deed, number>>> {
  const orm = openDatabase(fleet.databaseUrl);
  const options = { orm, queues: fleet.intake.queues };
  const deeds: Partial<Record<Deed, number>> = {};
  for (const each of await findRefused(options, { ...ALL, ...selection })) {
    const deed = await redrive(options, each);
    deeds[deed] = (deeds[deed] ?? 0) + 1;
  }
  await orm.close();
  return deeds;
}

function startRedrive(...args: string[]): ProductProcess {
  const { databaseUrl, queueUrl } = fleet;
  const environment = { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, LANES: String(LANES) };
  return startProduct('redrive', environment, { args });
}

/** The ids of issues by user, in the order in which they were applied. */
async function applied(): Promise<Record<string, string[]>> {
  const found = await rows(
    fleet.databaseUrl,
    `select json_object_agg(user_id, ids) applied from (
       select c.user_id, array_agg(i.id order by i.number) ids
         from issues i join customers c on c.id = i.customer_id group by 1) each`,
  );
  return (found as { applied: Record<string, string[]> }[])[0]?.applied ?? {};
}

function idsOf(ledger: Ledger): Record<string, string[]> {
  return Object.fromEntries([...ledger].map(([user, sent]) => [user, sent.map(({ id }) => id)]));
}

async function removeJob(id: string | undefined): Promise<void> {
  for (const queue of fleet.intake.queues) await (await queue.getJob(id ?? ''))?.remove();
}

const IN_FORCE = 'select count(*)::int from refusals where applied_at is null';

it.for(STORES)('keeps each user’s order, whether jobs or refusals are gone, on %s', async store => {
  const ledger = await setup(store, { users: 4, each: 6 });
  for (const sent of ledger.values()) {
    await removeJob(sent[1]?.id);
    await removeJob(sent[4]?.id);
    // As of before there was a table of refusals.
    await rows(fleet.databaseUrl, `delete from refusals where id in ('${sent[0]?.id}', '${sent[5]?.id}')`);
  }

  const deeds = [await redriveHere(), await redriveHere()];
  await applyAll(24);

  // Of those that wait, only the recorded ones are still found.
  expect(deeds).toEqual([{ retried: 16, 'put back': 8 }, { skipped: 16 }]);
  expect(await applied()).toEqual(idsOf(ledger));
  expect(await rows(fleet.databaseUrl, IN_FORCE)).toEqual([{ count: 0 }]);
  expect(await redriveHere()).toEqual({});
});

it.for(STORES)('may be killed at any point and run again, on %s', async store => {
  const ledger = await setup(store, { users: 20, each: 15 });
  for (const sent of ledger.values()) await removeJob(sent[7]?.id);

  for (const tenth of ['30 of 300', '120 of 300']) {
    const command = startRedrive();
    await command.line(line => line === tenth);
    await command.end('SIGKILL');
  }
  await redriveHere();
  await applyAll(300);

  expect(await applied()).toEqual(idsOf(ledger));
  expect(await rows(fleet.databaseUrl, IN_FORCE)).toEqual([{ count: 0 }]);
});

it('finds what was released and then left behind by a crash', async () => {
  const ledger = await setup('redis', { users: 1, each: 2 });
  const [first, second] = ledger.get('user-0') ?? [];
  await removeJob(first?.id);
  await rows(fleet.databaseUrl, 'update refusals set attempt = -1');

  expect(await redriveHere()).toEqual({ retried: 1, 'put back': 1 });
  await applyAll(2);

  expect(await applied()).toEqual({ 'user-0': [first?.id, second?.id] });
});

it('redrives only what is selected', async () => {
  const ledger = await setup('redis', { users: 3, each: 3 });
  const sent = ledger.get('user-1') ?? [];
  await rows(
    fleet.databaseUrl,
    `update refusals set code = 'profile_suspended' where organization_id = '${ORGANIZATION_B}';
     delete from refusals where id = '${sent[2]?.id}'`,
  );

  const none = await redriveHere({ code: 'internal_error' });
  const some = await redriveHere({ code: 'organization_inactive', userId: 'user-1' });
  await applyAll(2);

  expect([none, some]).toEqual([{}, { retried: 2 }]);
  expect(await applied()).toEqual({ 'user-1': [sent[1]?.id, sent[2]?.id] });
});

it('takes what is rejected again once more, whose job is gone each time', async () => {
  const ledger = await setup('redis', { users: 1, each: 1 });
  const [sent] = ledger.get('user-0') ?? [];

  for (const active of [false, true]) {
    await setActive(active);
    await removeJob(sent?.id);
    expect(await redriveHere()).toEqual({ 'put back': 1 });
    await applyAll(Number(active));
  }

  expect(await applied()).toEqual({ 'user-0': [sent?.id] });
});

it('skips what was decided by somebody else since it was found', async () => {
  await setup('redis', { users: 1, each: 1 });
  const orm = openDatabase(fleet.databaseUrl);
  cleanUps.push(() => orm.close());
  const options = { orm, queues: fleet.intake.queues };
  const [found] = await findRefused(options, ALL);
  await rows(fleet.databaseUrl, 'update refusals set attempt = attempt + 1');

  expect(found && (await redrive(options, found))).toBe('skipped');
  expect(await rows(fleet.databaseUrl, 'select attempt from refusals')).toEqual([{ attempt: 1 }]);
});

it('says what it would do, and does nothing of it; then does it', async () => {
  const ledger = await setup('redis', { users: 1, each: 3 });
  const sent = ledger.get('user-0') ?? [];
  await removeJob(sent[1]?.id);

  const rehearsal = startRedrive('--dry-run');
  expect(await rehearsal.ended).toBe(0);
  const untouched = await rows(fleet.databaseUrl, 'select count(*)::int from refusals where attempt = 0');
  const command = startRedrive();
  expect(await command.ended).toBe(0);

  expect(rehearsal.lines.map(line => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['retry', sent[0]?.id],
    ['put back', sent[1]?.id],
    ['retry', sent[2]?.id],
    ['would redrive 3 (2 failed jobs retried, 1 jobs made again), skipped 0 that are on their lanes already'],
    ['', 'organization_inactive: 3'],
  ]);
  expect(untouched).toEqual([{ count: 3 }]);
  expect(command.lines).toContain(
    'redrove 3 (2 failed jobs retried, 1 jobs made again), skipped 0 that are on their lanes already',
  );
});

it('refuses another number of lanes than the store is in use with', async () => {
  fleet = await openWorkerFleet({ lanes: LANES });
  cleanUps.push(() => fleet.close());
  const environment = { DATABASE_URL: fleet.databaseUrl, QUEUE_URL: fleet.queueUrl, LANES: '8' };

  const command = startProduct('redrive', environment);

  expect(await command.ended).toBe(1);
  expect(command.lines.join('\n')).toContain('LANES is 8, but this queue store is in use with 2 lanes');
});

test.each([
  [['--cod', 'x'], "Unknown option '--cod'; the options are --code, --user, --dry-run, --help"],
  [['--code'], "Option '--code <value>' argument missing; the options are --code, --user, --dry-run, --help"],
  [['--code', ''], '--code needs a code, such as organization_inactive'],
  [['--user='], '--user needs the id of a user'],
  [['now'], "Unexpected argument 'now'; the options are --code, --user, --dry-run, --help"],
])('says in one line what is wrong with %j', (args, line) => {
  expect(() => readRedriveArguments(args)).toThrow(new ConfigError([line]));
});

test('a wrong option ends the command before anything is asked of it, and --help explains it', async () => {
  const wrong = startProduct('redrive', {}, { args: ['--cod', 'x'] });
  const help = startProduct('redrive', {}, { args: ['--help'] });

  expect([await wrong.ended, await help.ended]).toEqual([2, 0]);
  expect(wrong.lines).toHaveLength(1);
  expect(help.lines.join('\n')).toBe(REDRIVE_HELP.trimEnd());
});

test('shows a bar on a terminal, and a line for every tenth elsewhere', () => {
  const written = { terminal: '', file: '' };
  const terminal = { isTTY: true, write: (text: string) => (written.terminal += text) };
  const file = { write: (text: string) => (written.file += text) };

  for (const progress of [new Progress(20, terminal), new Progress(20, file)]) {
    for (let n = 0; n < 20; n++) progress.step();
  }

  expect(written.terminal).toContain('[=                             ] 1 of 20, ');
  expect(written.terminal.endsWith('[==============================] 20 of 20\n')).toBe(true);
  expect(written.file.split('\n')).toEqual([
    ...[2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map(n => `${n} of 20`),
    '',
  ]);
});
