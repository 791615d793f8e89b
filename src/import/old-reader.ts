import type { OldTable } from '../import-arguments.ts';
import { idOf, type OldDatabase, pages, quoted, text } from './old-pages.ts';
import { peopleOf } from './old-people.ts';
import type { OldOrganization, OldPerson } from './old-rows.ts';
import { SourceError } from './source-error.ts';

/*
 * Goes through the old tables, and looks there for what no single user's rows show.
 */

/**
 * How many rows a table has.
 *
 * @throws SourceError when two share an id, or one has none: pages would not show them all
 */
export async function countRows({ source, schema }: OldDatabase, table: OldTable): Promise<number> {
  const { table: name, columns } = schema[table];
  const [row] = await source.query(
    `select cast(count(*) as text) as n, cast(count(distinct ${quoted(columns.id)}) as text) as ids from ${quoted(name)}`,
  );
  const { n, ids } = row ?? {};
  if (n === ids) return Number(n);
  throw new SourceError(`table ${name} has ${n} rows, but ${ids} different ids; correct it first`);
}

export async function* organizations({ source, schema }: OldDatabase): AsyncGenerator<OldOrganization[]> {
  const { table, columns } = schema.organizations;
  const { name, active } = columns;
  const selected = `${text(name)} as name, ${active === undefined ? `'1'` : text(active)} as active`;
  for await (const page of pages(source, quoted(table), columns.id, selected)) {
    yield page.map(row => ({ id: idOf(row), name: row.name ?? null, active: row.active ?? null }));
  }
}

/** Everybody in the table of users, with their rows in the others. */
export async function* people(old: OldDatabase): AsyncGenerator<OldPerson[]> {
  const { table, columns } = old.schema.users;
  const selected = `${text(columns.email)} as email, ${text(columns.created)} as created`;
  for await (const page of pages(old.source, quoted(table), columns.id, selected)) {
    const users = page.map(row => ({
      id: idOf(row),
      email: row.email ?? null,
      created: row.created ?? null,
    }));
    yield peopleOf(old, page.map(idOf), users);
  }
}

/** Those whom only the other tables name. */
export async function* missingPeople(old: OldDatabase): AsyncGenerator<OldPerson[]> {
  for await (const page of pages(old.source, `(${missingUsers(old)})`, 'id', `null as none`)) {
    yield peopleOf(old, page.map(idOf), []);
  }
}

export async function countMissingPeople(old: OldDatabase): Promise<number> {
  const [row] = await old.source.query(
    `select cast(count(*) as text) as n from (${missingUsers(old)}) missing`,
  );
  return Number(row?.n);
}

function missingUsers({ schema: { users, ...others } }: OldDatabase): string {
  const of = (table: 'user_profiles' | 'customers') => {
    const { table: name, columns } = others[table];
    const user = `r.${quoted(columns.user)}`;
    return `select ${user} as id from ${quoted(name)} r where ${user} is not null and not exists (
              select 1 from ${quoted(users.table)} u where u.${quoted(users.columns.id)} = ${user})`;
  };
  return `${of('user_profiles')} union ${of('customers')}`;
}

/** Rows that name no user at all. */
export async function* lostRows({
  source,
  schema,
}: OldDatabase): AsyncGenerator<{ table: OldTable; id: string }[]> {
  for (const table of ['user_profiles', 'customers'] as const) {
    const { table: name, columns } = schema[table];
    const sql = `select ${text(columns.id)} as id from ${quoted(name)} t
                  where ${quoted(columns.user)} is null order by t.${quoted(columns.id)}`;
    for await (const page of source.stream(sql)) yield page.map(row => ({ table, id: idOf(row) }));
  }
}

/** Users whose e-mail an older user has, too, and that user's id. */
export async function* sharedEmails({
  source,
  schema,
}: OldDatabase): AsyncGenerator<{ id: string; first: string }[]> {
  const { table, columns } = schema.users;
  if (columns.email === undefined) return;
  const [id, email] = [quoted(columns.id), quoted(columns.email)];
  const sql = `
    select id, first from (
      select ${id} as place, cast(${id} as text) as id,
             first_value(cast(${id} as text)) over (partition by lower(trim(${email})) order by ${id}) as first
        from ${quoted(table)} where trim(${email}) <> '') shared
     where id <> first order by place`;
  for await (const page of source.stream(sql)) {
    yield page.map(row => ({ id: idOf(row), first: row.first ?? '' }));
  }
}
