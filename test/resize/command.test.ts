import { hostname } from 'node:os';
import { pino } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '../../src/environment.ts';
import { openLaneSet, queueOf } from '../../src/lane-set.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { LANES_HELP, readLanesArguments } from '../../src/resize/arguments.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { freshRedisUrl } from '../support/services.ts';
import { ADMIN, type StoreKind, type System, startSystem } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

/* The command as an operator runs it, and what a user and the operator see after it. */

const STORES: StoreKind[] = ['redis', 'postgres'];
const RAISE = '/api/client/issues/raise';
const SUBMISSIONS = '/api/client/issues/submissions';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(kind: StoreKind, withWorker = true): Promise<System> {
  const system = await startSystem(kind, { lanes: 2, withWorker });
  cleanUps.push(() => system.close());
  return system;
}

async function run({ databaseUrl, queueUrl }: Pick<System, 'databaseUrl' | 'queueUrl'>, ...args: string[]) {
  return runRole('lanes', { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl }, args);
}

async function runRole(role: string, environment: Record<string, string>, args: string[] = []) {
  const command = startProduct(role, environment, { args });
  return { code: await command.ended, text: command.lines.join('\n') };
}

const Queues = Type.Object({ queues: Type.Array(Type.Object({ displayName: Type.String() })) });

async function lanesOnBoard({ address }: System): Promise<string[]> {
  const authorization = `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64')}`;
  const response = await fetch(`${address}/admin/queues/api/queues`, { headers: { authorization } });
  return Value.Parse(Queues, await response.json()).queues.map(({ displayName }) => displayName);
}

it.for(STORES)('shows the lanes, and what waits on them, on %s', async kind => {
  const system = await start(kind, false);
  const body = { organizationId: await system.addOrganization(), title: 'The tap drips' };
  for (let n = 0; n < 3; n++) await system.send('u1', 'POST', RAISE, { body });

  const { code, text } = await run(system);

  expect(code).toBe(0);
  expect(text).toMatch(/^epoch 1: 2 lanes, served\n {2}lane +waiting +at work +failed +oldest +owner\n/);
  expect(text).toMatch(/\n {2}lane-0[01]-02 +3 +0 +0 +\d+\.\d s +-$/m);
  expect(text).toMatch(/\n {2}lane-0[01]-02 +0 +0 +0 +- +-$/m);
});

it.for(STORES)('changes their number, once and for all processes, on %s', async kind => {
  const system = await start(kind);
  const organizationId = await system.addOrganization();
  const closed = await system.addOrganization({ active: false });
  const key = { 'idempotency-key': 'the tap' };
  const first = await system.raise('u1', organizationId, {}, key);
  const refused = await system.raise('u1', closed);

  // A board that is open meanwhile follows.
  expect(await lanesOnBoard(system)).toEqual(['lane 0 of 2', 'lane 1 of 2']);
  const resized = await run(system, 'resize', '5');
  const again = await run(system, 'resize', '5');
  const shown = await run(system);
  const second = await system.raise('u1', organizationId);
  const replayed = await system.raise('u1', organizationId, {}, key);

  expect([resized.code, again.code, shown.code]).toEqual([0, 0, 0]);
  expect(resized.text).toMatch(/^there will be 5 lanes when .*\nthere are 5 lanes$/);
  expect(again.text).toBe('there are 5 lanes');
  expect(shown.text).toMatch(/^epoch 2: 5 lanes, served\n[\s\S]*\n {2}lane-04-05-e2 /);
  expect([first.status, refused.status, second.status]).toEqual([201, 422, 201]);
  expect(replayed.body).toEqual(first.body);
  await waitFor(async () => (await lanesOnBoard(system)).length === 5);
  // Processes tell of themselves every 2 s.
  const owner = `${hostname()} ${process.pid}`;
  await waitFor(
    async () => new RegExp(`\n {2}lane-04-05-e2 .* ${owner}$`).test((await run(system)).text),
    30_000,
  );
  expect((await lanesOnBoard(system))[0]).toBe('lane 0 of 5');
  const { body } = await system.send('u1', 'GET', `${SUBMISSIONS}/${refused.body.submissionId}`);
  expect(body).toMatchObject({ status: 'rejected', error: { code: 'organization_inactive' } });
});

it('a worker that starts with an older number says which one is in force', async () => {
  const { databaseUrl, queueUrl } = await start('redis');
  await run({ databaseUrl, queueUrl }, 'resize', '3');

  const worker = startProduct('worker', { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, LANES: '2' });
  cleanUps.push(() => worker.end('SIGTERM'));
  const line = await worker.line(each => each.includes('LANES is an older number'));

  expect(JSON.parse(line)).toMatchObject({ level: 'info', lanes: 3, old: 2 });
});

it.for(STORES)('what was refused on an old lane is redriven onto a new one, on %s', async kind => {
  const system = await start(kind);
  const closed = await system.addOrganization({ active: false });
  const recorded = await system.raise('u1', closed, { title: 'recorded' });
  const unrecorded = await system.raise('u1', closed, { title: 'unrecorded' });
  await rows(system.databaseUrl, `delete from refusals where id = '${unrecorded.body.submissionId}'`);
  const late = await system.raise('u1', closed, { title: 'retried too late' });
  const lost = await system.raise('u1', closed, { title: 'the same, unrecorded' });
  await rows(system.databaseUrl, `delete from refusals where id = '${lost.body.submissionId}'`);
  await run(system, 'resize', '3');
  await untilServed(system, 2);
  for (const { body } of [late, lost]) await retryOnOldLane(system, String(body.submissionId));
  await rows(system.databaseUrl, 'update organizations set active = true');

  const stores = { DATABASE_URL: system.databaseUrl, QUEUE_URL: system.queueUrl, LANES: '2' };
  const redriven = await runRole('redrive', stores);
  const issues = () => rows(system.databaseUrl, 'select title from issues order by number');
  await waitFor(async () => (await issues()).length === 4);
  const audit = await runRole('audit', stores);
  const again = await runRole('redrive', stores);

  expect(recorded.status).toBe(422);
  expect(redriven.text).toContain('redrove 4 (0 failed jobs retried, 4 jobs made again)');
  expect(await issues()).toEqual([
    { title: 'recorded' },
    { title: 'unrecorded' },
    { title: 'retried too late' },
    { title: 'the same, unrecorded' },
  ]);
  expect(again.text).toContain('redrove 0');
  expect(audit.text).toMatch(/nothing waits on a lane of an epoch that is over +ok/);
  expect(audit.code).toBe(0);
});

/** Resolves when workers have left the lanes of the epochs before. */
async function untilServed(system: System, epoch: number): Promise<void> {
  await waitFor(async () => {
    const { text } = await run(system);
    return text.includes(`-e${epoch} `) && !new RegExp(`-e${epoch} .* -$`, 'm').test(text);
  });
}

/** As the button of a dashboard that has not heard of the change. */
async function retryOnOldLane({ queueUrl }: System, id: string): Promise<void> {
  const store = openQueueStore({ url: queueUrl, role: 'producer', log: pino({ level: 'silent' }) });
  cleanUps.push(() => store.close());
  const job = await queueOf(await openLaneSet(store, { number: 1, lanes: 2 }), 'u1').getJob(id);
  if (job === undefined) throw new Error('it is not on the old lane');
  await waitFor(() => job.isFailed());
  await job.retry('failed');
}

it('a redrive that finds itself on lanes that were left meanwhile says so', async () => {
  const system = await startSystem('redis', { lanes: 2 });
  // After the writer's connection.
  onTestFinished(() => system.close());
  const closed = await system.addOrganization({ active: false });
  const { body } = await system.raise('u1', closed);
  await waitFor(async () => (await run(system)).text.match(/ 0 +0 +1 /));
  const stores = { DATABASE_URL: system.databaseUrl, QUEUE_URL: system.queueUrl, LANES: '2' };
  const writer = await openForeignWriter(system.databaseUrl);
  await writer.query('begin');
  await writer.query('select from refusals for update');

  const redriving = runRole('redrive', stores);
  await writer.isWaitedFor();
  await run(system, 'resize', '3');
  await untilServed(system, 2);
  await writer.query('update organizations set active = true');
  await writer.query('commit');
  const first = await redriving;
  const second = await runRole('redrive', stores);
  await waitFor(async () => (await rows(system.databaseUrl, 'select id from issues')).length === 1);
  const audit = await runRole('audit', stores);

  expect(first.code).toBe(1);
  expect(first.text).toContain('run this again when npm run lanes says that it is over');
  expect(second.text).toContain('redrove 1 ');
  expect(await rows(system.databaseUrl, 'select id from issues')).toEqual([{ id: body.submissionId }]);
  expect(audit.code).toBe(0);
});

it('may be left at once: the workers see to it', async () => {
  const system = await start('redis', false);
  const body = { organizationId: await system.addOrganization(), title: 'The tap drips' };
  await system.send('u1', 'POST', RAISE, { body });

  const left = await run(system, 'resize', '4', '--no-wait');
  const other = await run(system, 'resize', '8');
  const redrive = await runRole('redrive', {
    DATABASE_URL: system.databaseUrl,
    QUEUE_URL: system.queueUrl,
    LANES: '2',
  });
  const shown = await run(system);

  expect(left.code).toBe(0);
  expect(left.text).toMatch(/^there will be 4 lanes when the 1 submissions on the old ones are applied; .*$/);
  expect(other.code).toBe(1);
  expect(other.text).toContain(
    'the number of lanes is being changed to 4; change it again when that is over',
  );
  expect(redrive.code).toBe(1);
  expect(redrive.text).toContain('the number of lanes is being changed; run this again when');
  expect(shown.text).toContain('epoch 1: 2 lanes, about to be sealed');
  expect(shown.text).toContain('epoch 2: 4 lanes, takes submissions; they wait');
});

it('says that a store has no lanes yet', async () => {
  const stores = { databaseUrl: 'postgres://nowhere/at-all', queueUrl: await freshRedisUrl() };

  const { code, text } = await run(stores, 'resize', '4');

  expect(code).toBe(1);
  expect(text).toContain(
    'this queue store has no lanes yet; the first process that uses it makes as many as LANES says',
  );
});

it.each([
  [['resize']],
  [['resize', '0']],
  [['resize', '1025']],
  [['resize', 'many']],
  [['resize', '4', '5']],
  [['grow', '4']],
  [['--fast']],
])('refuses %j in one line', args => {
  expect(() => readLanesArguments(args)).toThrow(ConfigError);
  expect(() => readLanesArguments(args)).toThrow(/^[^\n]+$/);
});

it('prints how it is used', async () => {
  const { code, text } = await runRole('lanes', {}, ['--help']);

  expect({ code, text: `${text}\n` }).toEqual({ code: 0, text: LANES_HELP });
});
