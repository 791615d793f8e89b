import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { OldCrm } from './old-crm.ts';

/*
 * The made database as a real one: a file of SQLite's, or PostgreSQL as Django
 * names its tables. Without constraints, or there could be no damage.
 */

const COLUMNS = {
  users: ['id', 'email', 'date_joined'],
  organizations: ['id', 'name', 'is_active'],
  profiles: ['id', 'user_id', 'organization_id', 'profile_type', 'status'],
  customers: ['id', 'user_id', 'organization_id', 'user_profile_id'],
} as const;

type Cell = string | number | null;

function cellsOf(row: object, columns: readonly string[]): Cell[] {
  const cells = new Map<string, Cell | boolean>(Object.entries(row));
  return columns.map(column => {
    const cell = cells.get(column) ?? null;
    return typeof cell === 'boolean' ? Number(cell) : asDjango(cell);
  });
}

/** Writes an SQLite file as Django would: `2015-01-01 00:00:00.123`, booleans as numbers. */
export function writeSqlite(path: string, crm: OldCrm): void {
  const database = new DatabaseSync(path);
  database.exec(`
    pragma journal_mode = off;
    create table users (id integer not null, email varchar(254), date_joined datetime);
    create table organizations (id integer not null primary key, name varchar(255), is_active bool);
    create table user_profiles (id integer not null primary key, user_id integer, organization_id integer,
                                profile_type varchar(20), status varchar(20));
    create table customers (id integer not null primary key, user_id integer, organization_id integer,
                            user_profile_id integer);
    create table django_migrations (id integer primary key);
    create index profiles_user on user_profiles (user_id);
    create index customers_user on customers (user_id);
    create unique index users_id on users (id);
    begin`);
  const tables = {
    users: 'users',
    organizations: 'organizations',
    profiles: 'user_profiles',
    customers: 'customers',
  };
  for (const name of ['users', 'organizations', 'profiles', 'customers'] as const) {
    const columns = COLUMNS[name];
    const insert = database.prepare(
      `insert into ${tables[name]} (${columns}) values (${columns.map(() => '?')})`,
    );
    for (const row of shuffled(crm[name])) {
      insert.run(...cellsOf(row, columns));
    }
  }
  database.exec('commit');
  database.close();
}

/** Writes PostgreSQL's tables with the prefix of an app, as bigint and timestamptz. */
export async function writePostgres(url: string, crm: OldCrm): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    create table auth_user (id bigint primary key, email varchar(400), date_joined timestamptz);
    create table crm_organization (id bigint primary key, name varchar(255), is_active boolean);
    create table crm_userprofile (id bigint primary key, user_id bigint, organization_id bigint,
                                  profile_type varchar(20), status varchar(20));
    create table crm_customer (id bigint primary key, user_id bigint, organization_id bigint, user_profile_id bigint);
    create table auth_user_groups (id bigint primary key);
    create index on crm_userprofile (user_id);
    create index on crm_customer (user_id)`);
  const tables = {
    users: 'auth_user',
    organizations: 'crm_organization',
    profiles: 'crm_userprofile',
    customers: 'crm_customer',
  };
  for (const name of ['users', 'organizations', 'profiles', 'customers'] as const) {
    const rows = shuffled(crm[name]);
    for (let at = 0; at < rows.length; at += 10_000) {
      await client.query(
        `insert into ${tables[name]} (${COLUMNS[name]})
         select ${COLUMNS[name]} from jsonb_populate_recordset(null::${tables[name]}, $1::jsonb)`,
        [JSON.stringify(rows.slice(at, at + 10_000))],
      );
    }
  }
  await client.query('analyze');
  await client.end();
}

function asDjango(cell: Cell): Cell {
  return typeof cell === 'string' && /^\d{4}-.*Z$/.test(cell)
    ? cell.replace('T', ' ').replace('Z', '')
    : cell;
}

/** In no order: a table's rows need not lie by their ids. */
function shuffled(rows: readonly object[]): object[] {
  const half = rows.length >> 1;
  return [...rows.slice(half), ...rows.slice(0, half)];
}
