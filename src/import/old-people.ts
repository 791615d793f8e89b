import { idOf, type OldDatabase, quoted, text } from './old-pages.ts';
import type { OldCustomer, OldPerson, OldProfile, OldUser } from './old-rows.ts';
import type { Row } from './source.ts';
import { isTrue } from './values.ts';

/** Adds to users what the other tables have of them. */
export async function peopleOf(
  old: OldDatabase,
  ids: readonly string[],
  users: readonly OldUser[],
): Promise<OldPerson[]> {
  const byId = new Map(users.map(user => [user.id, user]));
  const profiles = Map.groupBy(await profilesOf(old, ids), ({ user }) => user);
  const customers = Map.groupBy(await customersOf(old, ids), ({ user }) => user);
  return ids.map(id => ({
    id,
    user: byId.get(id),
    profiles: profiles.get(id) ?? [],
    customers: customers.get(id) ?? [],
  }));
}

/** Which organizations are there, of those that people's rows name. */
export async function knownOrganizations(
  { source, schema }: OldDatabase,
  people: readonly OldPerson[],
): Promise<Set<string>> {
  const rows = people.flatMap(({ profiles, customers }) => [...profiles, ...customers]);
  const named = new Set(rows.flatMap(({ organization }) => organization ?? []));
  const { table, columns } = schema.organizations;
  const found = await source.query(
    `select ${text(columns.id)} as id from ${quoted(table)} where ${source.among(quoted(columns.id), '$1')}`,
    [[...named]],
  );
  return new Set(found.map(idOf));
}

async function profilesOf(old: OldDatabase, users: readonly string[]): Promise<OldProfile[]> {
  const { type, status, active } = old.schema.user_profiles.columns;
  const selected = `${text(type)} as type, ${text(status)} as status, ${text(active)} as active`;
  const rows = await rowsOf(old, 'user_profiles', users, selected);
  // Without a column that says so, nobody is suspended.
  const byFlag = (row: Row) => (active === undefined || isTrue(row.active ?? null) ? 'active' : 'suspended');
  return rows.map(row => ({
    ...belonging(row),
    type: row.type ?? null,
    status: status === undefined ? byFlag(row) : (row.status ?? null),
  }));
}

async function customersOf(old: OldDatabase, users: readonly string[]): Promise<OldCustomer[]> {
  const { profile } = old.schema.customers.columns;
  const rows = await rowsOf(old, 'customers', users, `${text(profile)} as profile`);
  return rows.map(row => ({
    ...belonging(row),
    profile: profile === undefined ? undefined : (row.profile ?? null),
  }));
}

/** The rows of users, the oldest first. */
function rowsOf(
  { source, schema }: OldDatabase,
  table: 'user_profiles' | 'customers',
  users: readonly string[],
  selected: string,
): Promise<Row[]> {
  const { table: name, columns } = schema[table];
  return source.query(
    `select ${text(columns.id)} as id, ${text(columns.user)} as user_id,
            ${text(columns.organization)} as organization, ${selected}
       from ${quoted(name)} t where ${source.among(quoted(columns.user), '$1')} order by t.${quoted(columns.id)}`,
    [users],
  );
}

function belonging(row: Row) {
  return { id: idOf(row), user: row.user_id ?? '', organization: row.organization ?? null };
}
