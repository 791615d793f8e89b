import { OLD_TABLES, type OldTable, type TableNames } from '../import-arguments.ts';
import type { Source } from './source.ts';
import { SourceError } from './source-error.ts';

/*
 * Finds the old tables and columns by their names: as the models are called, or
 * as Django names a table when it is not told otherwise, `crm_userprofile`.
 */

/** A table's name there, and its columns by what they say; undefined for one that is not there. */
interface FoundTable<Needed extends string, Optional extends string> {
  readonly table: string;
  readonly columns: Readonly<Record<Needed, string> & Record<Optional, string | undefined>>;
}

export interface OldSchema {
  readonly users: FoundTable<'id', 'email' | 'created'>;
  readonly organizations: FoundTable<'id', 'name' | 'active'>;
  readonly user_profiles: FoundTable<'id' | 'user' | 'organization' | 'type', 'status' | 'active'>;
  readonly customers: FoundTable<'id' | 'user' | 'organization', 'profile'>;
}

const TABLE_PATTERNS: Record<OldTable, RegExp> = {
  users: /^(?:\w+_)?users?$/i,
  organizations: /^(?:\w+_)?organi[sz]ations?$/i,
  user_profiles: /^(?:\w+_)?user_?profiles?$/i,
  customers: /^(?:\w+_)?customers?$/i,
};

const USER = ['user_id', 'user'];
const ORGANIZATION = ['organization_id', 'organisation_id', 'organization', 'primary_organization_id'];

/**
 * Looks for the four tables and their columns.
 *
 * @throws SourceError with one line that says what was looked for and what is there
 */
export async function findSchema(source: Source, names: TableNames): Promise<OldSchema> {
  const there = await source.tables();
  if (there.includes('intake_migrations')) {
    throw new SourceError(`${source.name} is a database of issue-intake, not of the old CRM; look at --from`);
  }
  const tables = Object.fromEntries(OLD_TABLES.map(each => [each, nameOf(each, there, names[each])]));
  const look = async <N extends string, O extends string>(
    each: OldTable,
    needed: Record<N, readonly string[]>,
    optional: Record<O, readonly string[]>,
  ): Promise<FoundTable<N, O>> => {
    const table = tables[each] ?? each;
    return { table, columns: columnsOf(table, await source.columns(table), needed, optional) };
  };
  return {
    users: await look('users', { id: ['id'] }, { email: ['email'], created: ['date_joined', 'created_at'] }),
    organizations: await look(
      'organizations',
      { id: ['id'] },
      { name: ['name', 'title'], active: ['is_active', 'active', 'status'] },
    ),
    user_profiles: await look(
      'user_profiles',
      { id: ['id'], user: USER, organization: ORGANIZATION, type: ['profile_type', 'type', 'role'] },
      { status: ['status'], active: ['is_active', 'active'] },
    ),
    customers: await look(
      'customers',
      { id: ['id'], user: USER, organization: ORGANIZATION },
      { profile: ['user_profile_id', 'userprofile_id', 'profile_id', 'user_profile'] },
    ),
  };
}

function nameOf(wanted: OldTable, there: readonly string[], given: string | undefined): string {
  if (given !== undefined) {
    if (there.includes(given)) return given;
    throw new SourceError(`there is no table ${given} for ${wanted}; there are ${listOf(there)}`);
  }
  if (there.includes(wanted)) return wanted;
  const [found, ...more] = there.filter(name => TABLE_PATTERNS[wanted].test(name));
  if (found === undefined) {
    throw new SourceError(
      `found no table for ${wanted} (looked for ${wanted}, or one named like crm_${wanted.replace('_', '').slice(0, -1)}); ` +
        `there are ${listOf(there)}; name it with --tables ${wanted}=<table>`,
    );
  }
  if (more.length === 0) return found;
  throw new SourceError(
    `several tables may be ${wanted}: ${listOf([found, ...more])}; name it with --tables ${wanted}=<table>`,
  );
}

function columnsOf<N extends string, O extends string>(
  table: string,
  there: readonly string[],
  needed: Record<N, readonly string[]>,
  optional: Record<O, readonly string[]>,
): FoundTable<N, O>['columns'] {
  const find = (names: readonly string[]) => names.find(name => there.includes(name));
  const found = mapValues(needed, names => {
    const name = find(names);
    if (name !== undefined) return name;
    throw new SourceError(`table ${table} has no column ${names.join(' or ')}; it has ${listOf(there)}`);
  });
  return { ...found, ...mapValues(optional, find) };
}

function mapValues<K extends string, V, W>(record: Record<K, V>, map: (value: V) => W): Record<K, W> {
  const entries = Object.entries<V>(record).map(([key, value]) => [key, map(value)]);
  return Object.fromEntries(entries);
}

const MOST_LISTED = 30;

function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '';
  return names.slice(0, MOST_LISTED).join(', ') + more;
}
