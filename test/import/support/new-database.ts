import { rows } from '../../support/rows.ts';
import type { Truth } from './old-crm.ts';

/** What the new database holds, as the lines of a {@link Truth}, sorted. */
export async function readNew(url: string): Promise<Record<keyof Truth, string[]>> {
  const lines = async (sql: string) =>
    (await rows(url, sql)).map(row => (row as { line: string }).line).sort();
  return {
    organizations: await lines(`select concat_ws(' ', id, name, active::text) as line from organizations`),
    users: await lines(
      `select concat_ws(' ', id, coalesce(email, 'null'),
                        case when created_at > now() - interval '1 day' then ''
                             else to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end) as line
         from users`,
    ),
    profiles: await lines(
      `select concat_ws(' ', user_id, profile_type, organization_id, status) as line from user_profiles`,
    ),
    // Only those that are linked as they should be.
    customers: await lines(
      `select concat_ws(' ', c.user_id, c.organization_id) as line
         from customers c join user_profiles p
           on p.id = c.user_profile_id and p.user_id = c.user_id and p.profile_type = 'customer'`,
    ),
  };
}

export function linesOf({ organizations, users, profiles, customers }: Truth): Record<keyof Truth, string[]> {
  return {
    organizations: [...organizations].sort(),
    users: users.toSorted(),
    profiles: profiles.toSorted(),
    customers: customers.toSorted(),
  };
}

/** Which version of each row there is: a row that is written anew has another one, even with the same values. */
export function versionsOf(url: string): Promise<unknown[]> {
  const of = (table: string) =>
    `select '${table}' as name, count(*)::int as rows,
            md5(string_agg(concat_ws(' ', t.xmin, t.ctid, t::text), '/' order by t.ctid)) as versions from ${table} t`;
  return rows(url, ['organizations', 'users', 'user_profiles', 'customers'].map(of).join(' union all '));
}
