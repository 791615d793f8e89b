import { pino } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, expect, it } from 'vitest';
import { openIntake } from '../../src/api/open-intake.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { type Ledger, raiseAll } from '../support/ledger.ts';
import { startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';

const LANES = 4;
const USERS = 200;
const EACH = 20;
const ALL = USERS * EACH;
const PATIENCE_MS = 60_000;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

it('applies everything once, in each user’s order, when one of two workers is killed halfway', {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  const { intake, startWorker, issues, unfinished, url } = await setup();
  const [first, second] = [await startWorker(), await startWorker()];
  await first.line(line => line.includes('running these lanes') && lanesIn(line) === LANES / 2);

  const raising = raiseAll(intake, { users: USERS, each: EACH });
  await waitFor(async () => (await issues()) >= ALL / 2, PATIENCE_MS);
  await second.end('SIGKILL');
  const ledger = await raising;
  await waitFor(async () => (await issues()) >= ALL && (await unfinished()) === 0, PATIENCE_MS);

  expect(await appliedInOrder(url)).toEqual(ledger);
  expect(await primaryOrganizations(url)).toEqual(
    new Map([...ledger].map(([user, accepted]) => [user, accepted.at(-1)?.organizationId])),
  );
  expect(await rows(url, 'select count(*)::int from customers')).toEqual([{ count: USERS * 2 }]);
});

async function setup() {
  const database = await freshDatabase();
  cleanUps.push(() => database.drop());
  const { url } = database;
  await rows(
    url,
    `insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B')`,
  );
  const queueUrl = await freshRedisUrl();
  const log = pino({ level: 'silent' });
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  const intake = await openIntake({ store, lanes: LANES, log });
  cleanUps.push(async () => {
    await intake.close();
    await store.close();
  });
  return {
    url,
    intake,
    async startWorker() {
      const worker = startProduct('worker', { DATABASE_URL: url, QUEUE_URL: queueUrl, LANES: String(LANES) });
      cleanUps.push(() => worker.end('SIGTERM'));
      await worker.line(line => line.includes('running these lanes'));
      return worker;
    },
    async issues() {
      const [row] = await rows(url, 'select count(*)::int from issues');
      return Value.Parse(Type.Object({ count: Type.Integer() }), row).count;
    },
    async unfinished() {
      const counts = await Promise.all(
        intake.queues.map(queue => queue.getJobCountByTypes('waiting', 'active')),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

function lanesIn(line: string): number {
  return Value.Parse(Type.Object({ lanes: Type.Array(Type.Integer()) }), JSON.parse(line)).lanes.length;
}

const Applied = Type.Object({ user_id: Type.String(), id: Type.String(), organization_id: Type.String() });

async function appliedInOrder(url: string): Promise<Ledger> {
  const ledger: Ledger = new Map();
  const found = await rows(
    url,
    `select c.user_id, i.id, i.organization_id from issues i join customers c on c.id = i.customer_id order by i.number`,
  );
  for (const row of found) {
    const { user_id: user, id, organization_id: organizationId } = Value.Parse(Applied, row);
    ledger.set(user, [...(ledger.get(user) ?? []), { id, organizationId }]);
  }
  return ledger;
}

const Primary = Type.Object({ user_id: Type.String(), organization_id: Type.String() });

async function primaryOrganizations(url: string): Promise<Map<string, string>> {
  const found = await rows(url, 'select user_id, organization_id from user_profiles');
  return new Map(found.map(row => Value.Parse(Primary, row)).map(row => [row.user_id, row.organization_id]));
}
