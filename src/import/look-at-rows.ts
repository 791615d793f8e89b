import type { MikroORM } from '@mikro-orm/postgresql';
import type { NewRows } from './new-rows.ts';

/** Which of the rows the new database has not got. */
export async function missingRows(orm: MikroORM, rows: NewRows): Promise<NewRows> {
  const { organizations, users, profiles, customers } = rows;
  const missing = async (sql: string, asked: readonly object[]): Promise<Set<number>> => {
    if (asked.length === 0) return new Set();
    const found = await orm.em.fork().execute<{ n: number }[]>(sql, [JSON.stringify(asked)]);
    return new Set(found.map(({ n }) => n));
  };
  return {
    organizations: among(organizations, await missing(MISSING_ORGANIZATIONS, organizations)),
    users: among(users, await missing(MISSING_USERS, users)),
    profiles: among(profiles, await missing(MISSING_PROFILES, profiles)),
    customers: among(customers, await missing(MISSING_CUSTOMERS, customers)),
  };
}

function among<T>(rows: readonly T[], places: ReadonlySet<number>): T[] {
  return rows.filter((_, index) => places.has(index + 1));
}

/** The ids of users whose profile is suspended in `rows`, and active in the new database. */
export async function activeHere(orm: MikroORM, rows: NewRows): Promise<string[]> {
  const suspended = rows.profiles.filter(({ status }) => status === 'suspended');
  if (suspended.length === 0) return [];
  const found = await orm.em.fork().execute<{ user_id: string }[]>(ACTIVE_HERE, [JSON.stringify(suspended)]);
  return found.map(({ user_id: userId }) => userId);
}

/** Rows that are not there, by their places in the list, from 1 on. Each is looked up by a unique index. */
function lookFor(columns: string, there: string): string {
  return `
    select r.ordinality::int as n
      from rows from (jsonb_to_recordset(?::jsonb) as (${columns})) with ordinality as r
     where not exists (select from ${there})`;
}

const MISSING_ORGANIZATIONS = lookFor('id uuid', 'organizations o where o.id = r.id');
const MISSING_USERS = lookFor('id text', 'users u where u.id = r.id');
const MISSING_PROFILES = lookFor(
  '"userId" text, "profileType" text',
  'user_profiles p where p.user_id = r."userId" and p.profile_type = r."profileType"',
);
const MISSING_CUSTOMERS = lookFor(
  '"userId" text, "organizationId" uuid',
  'customers c where c.user_id = r."userId" and c.organization_id = r."organizationId"',
);

const ACTIVE_HERE = `
  select p.user_id
    from jsonb_to_recordset(?::jsonb) as r ("userId" text, "profileType" text)
    join user_profiles p on p.user_id = r."userId" and p.profile_type = r."profileType"
   where p.status = 'active' order by p.user_id`;
