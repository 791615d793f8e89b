import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, expect, it } from 'vitest';
import { type Ledger, raiseAll } from '../support/ledger.ts';
import { rows } from '../support/rows.ts';
import { differingTrail } from '../support/trail.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, shareOf, type WorkerFleet } from '../support/worker-fleet.ts';

const LANES = 4;
const USERS = 200;
const EACH = 20;
const ALL = USERS * EACH;

let fleet: WorkerFleet;
afterEach(() => fleet.close());

it.for(['redis', 'postgres'] as const)(
  'applies everything once, in each user’s order, when one of two workers is killed halfway, on %s',
  async store => {
    fleet = await openWorkerFleet({ lanes: LANES, store });
    const { intake, databaseUrl: url } = fleet;
    const [first, second] = [await fleet.startWorker(), await fleet.startWorker()];
    await waitFor(() => shareOf(first).length === LANES / 2 && shareOf(second).length === LANES / 2);

    const killing = waitFor(async () => (await fleet.issues()) >= ALL / 2).then(() => second.end('SIGKILL'));
    const [ledger] = await Promise.all([raiseAll(intake, { users: USERS, each: EACH }), killing]);
    await waitFor(async () => (await fleet.issues()) >= ALL && (await fleet.unfinished()) === 0);

    expect(await appliedInOrder(url)).toEqual(ledger);
    expect(await primaryOrganizations(url)).toEqual(
      new Map([...ledger].map(([user, accepted]) => [user, accepted.at(-1)?.organizationId])),
    );
    expect(await differingTrail(url)).toEqual([]);
    expect(await rows(url, 'select count(*)::int from customers')).toEqual([{ count: USERS * 2 }]);
  },
);

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
