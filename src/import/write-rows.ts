import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { LaneLostError } from '../lane-lost-error.ts';
import { type Epoch, type Lane, laneLabel, laneOf } from '../lanes.ts';
import { retryConflicts } from '../workers/retry-conflicts.ts';
import { type OwnedLanes, unitOfWork } from '../workers/unit-of-work.ts';
import { type NewRows, noRows } from './new-rows.ts';
import { type Counts, noCounts } from './tally.ts';

/*
 * Adds rows to a system that may be at work. A row that is there already is left
 * as it is: the users' own issues made it, or an earlier run. So a profile that
 * an issue has moved keeps its organization, and running again changes nothing.
 *
 * Users are added a lane at a time, under the lane's lock, as its own units of
 * work do it: neither sees the other's rows half done. Tables come in the order of
 * the workers', for writers who take no lock. While the number of lanes is being
 * changed a user has a lane in each of two epochs, and any moment workers go on to
 * the newer one: then both locks are taken. Whether there is a newer one is asked
 * again with the lock: who finds none then has the old lane's lock before anybody
 * passes it to leave the old lanes (docs/lanes.md).
 */

/** Reads which epochs are not over, the oldest first. @throws when the queue store does not answer */
export type ReadEpochs = () => Promise<readonly Epoch[]>;

/**
 * Adds rows, each lane's in a unit of work of its own.
 *
 * @returns how many of them were not there
 * @throws the queue store's error, or the database's, if it is not a conflict that a few attempts resolve
 */
export async function addRows(orm: MikroORM, readEpochs: ReadEpochs, rows: NewRows): Promise<Counts> {
  const added = noCounts();
  // First, and committed: users of every lane may refer to them.
  added.organizations = await retryConflicts(() =>
    insert(orm.em.fork(), INSERT_ORGANIZATIONS, rows.organizations),
  );
  let left = [rows];
  while (left.length > 0) {
    const epochs = await readEpochs();
    const owned = { epochs, confirm: () => confirmSame(readEpochs, epochs) };
    left = await addLanes(orm, owned, left, added);
  }
  return added;
}

/** What the lanes were when their locks were chosen, and how to make sure that they still are. */
interface Chosen {
  readonly epochs: readonly Epoch[];
  confirm(): Promise<void>;
}

/** @returns what could not be added, because the lanes have changed */
async function addLanes(
  orm: MikroORM,
  { epochs, confirm }: Chosen,
  rows: readonly NewRows[],
  added: Counts,
): Promise<NewRows[]> {
  const left: NewRows[] = [];
  for (const { lanes, part } of rows.flatMap(each => byLanes(each, epochs))) {
    try {
      const { users, profiles, customers } = await addPeople(orm, { lanes, confirm }, part);
      added.users += users;
      added.profiles += profiles;
      added.customers += customers;
    } catch (error) {
      if (!(error instanceof LaneLostError)) throw error;
      left.push(part);
    }
  }
  return left;
}

/** Nobody has to own a lane to add what is missing: the locks are enough. */
async function addPeople(orm: MikroORM, owned: OwnedLanes, rows: NewRows) {
  return retryConflicts(() =>
    unitOfWork(orm, owned, async em => ({
      users: await insert(em, INSERT_USERS, rows.users),
      profiles: await insert(em, INSERT_PROFILES, rows.profiles),
      customers: await insert(em, INSERT_CUSTOMERS, rows.customers),
    })),
  );
}

async function confirmSame(readEpochs: ReadEpochs, chosen: readonly Epoch[]): Promise<void> {
  const numbers = (epochs: readonly Epoch[]) =>
    epochs.map(({ number, lanes }) => `${number}:${lanes}`).join();
  if (numbers(await readEpochs()) !== numbers(chosen)) throw new LaneLostError('the number of lanes changes');
}

interface Part {
  /** The lanes that its users have, one in each epoch. */
  readonly lanes: readonly Lane[];
  readonly part: NewRows;
}

/** The rows of the users who have the same lanes. */
function byLanes({ users, profiles, customers }: NewRows, epochs: readonly Epoch[]): Part[] {
  const parts = new Map<string, Part>();
  const partOf = (userId: string): NewRows => {
    const lanes = epochs.map(epoch => laneOf(epoch, userId));
    const name = lanes.map(laneLabel).join();
    const part = parts.get(name) ?? { lanes, part: noRows() };
    parts.set(name, part);
    return part.part;
  };
  for (const user of users) partOf(user.id).users.push(user);
  for (const profile of profiles) partOf(profile.userId).profiles.push(profile);
  for (const customer of customers) partOf(customer.userId).customers.push(customer);
  return [...parts.values()];
}

async function insert(em: EntityManager, sql: string, rows: readonly object[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { affectedRows } = await em.execute<{ affectedRows: number }>(sql, [JSON.stringify(rows)], 'run');
  return affectedRows;
}

const INSERT_ORGANIZATIONS = `
  insert into organizations (id, name, active)
  select id, name, active
    from jsonb_to_recordset(?::jsonb) as r (id uuid, name text, active boolean) order by id
  on conflict do nothing`;

const INSERT_USERS = `
  insert into users (id, email, created_at)
  select id, email, coalesce("createdAt", now())
    from jsonb_to_recordset(?::jsonb) as r (id text, email text, "createdAt" timestamptz)
  on conflict do nothing`;

const INSERT_PROFILES = `
  insert into user_profiles (id, user_id, profile_type, organization_id, status)
  select id, "userId", "profileType", "organizationId", status
    from jsonb_to_recordset(?::jsonb)
      as r (id uuid, "userId" text, "profileType" text, "organizationId" uuid, status text)
  on conflict do nothing`;

// A statement of its own: it sees the profile that the user has, whoever made it.
const INSERT_CUSTOMERS = `
  insert into customers (id, user_id, organization_id, user_profile_id)
  select r.id, r."userId", r."organizationId", p.id
    from jsonb_to_recordset(?::jsonb) as r (id uuid, "userId" text, "organizationId" uuid)
    cross join lateral (
      select id from user_profiles where user_id = r."userId" and profile_type = 'customer' limit 1
    ) p
  on conflict do nothing`;
