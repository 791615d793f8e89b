import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { type Lane, laneIndexOf } from '../lanes.ts';
import { retryConflicts } from '../workers/retry-conflicts.ts';
import { unitOfWork } from '../workers/unit-of-work.ts';
import { type NewRows, noRows } from './new-rows.ts';
import { type Counts, noCounts } from './tally.ts';

/*
 * Adds rows to a system that may be at work. A row that is there already is left
 * as it is: the users' own issues made it, or an earlier run. So a profile that
 * an issue has moved keeps its organization, and running again changes nothing.
 *
 * Users are added a lane at a time, under the lane's lock, as its own units of
 * work do it: neither sees the other's rows half done, and nobody waits for two
 * locks. Tables come in the order of the workers', for writers who take no lock.
 */

/**
 * Adds rows, each lane's in a unit of work of its own.
 *
 * @returns how many of them were not there
 * @throws the database's error, if it is not a conflict that a few attempts resolve
 */
export async function addRows(orm: MikroORM, lanes: number, rows: NewRows): Promise<Counts> {
  const added = noCounts();
  // First, and committed: users of every lane may refer to them.
  added.organizations = await retryConflicts(() =>
    insert(orm.em.fork(), INSERT_ORGANIZATIONS, rows.organizations),
  );
  for (const [index, part] of byLane(rows, lanes)) {
    const { users, profiles, customers } = await addPeople(orm, { index, of: lanes }, part);
    added.users += users;
    added.profiles += profiles;
    added.customers += customers;
  }
  return added;
}

async function addPeople(orm: MikroORM, lane: Lane, rows: NewRows) {
  // Nobody has to own a lane to add what is missing: the lock is enough.
  const owned = { lane, confirm: async () => {} };
  return retryConflicts(() =>
    unitOfWork(orm, owned, async em => ({
      users: await insert(em, INSERT_USERS, rows.users),
      profiles: await insert(em, INSERT_PROFILES, rows.profiles),
      customers: await insert(em, INSERT_CUSTOMERS, rows.customers),
    })),
  );
}

/** The rows of each lane's users, by the lane's index. */
function byLane({ users, profiles, customers }: NewRows, lanes: number): Map<number, NewRows> {
  const parts = new Map<number, NewRows>();
  const partOf = (userId: string): NewRows => {
    const index = laneIndexOf(userId, lanes);
    const part = parts.get(index) ?? noRows();
    parts.set(index, part);
    return part;
  };
  for (const user of users) partOf(user.id).users.push(user);
  for (const profile of profiles) partOf(profile.userId).profiles.push(profile);
  for (const customer of customers) partOf(customer.userId).customers.push(customer);
  return parts;
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
