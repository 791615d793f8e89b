import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { findSchema } from '../../src/import/old-schema.ts';
import { openSource } from '../../src/import/source.ts';
import { readImportArguments, type TableNames } from '../../src/import-arguments.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase } from '../support/services.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { runImport } from './support/import-process.ts';

const SCHEMA = `
  create table auth_user (id integer primary key, email text);
  create table crm_organization (id integer primary key, name text);
  create table crm_userprofile (id integer primary key, user_id integer, organization_id integer, profile_type text);
  create table crm_customer (id integer primary key, user_id integer, organization_id integer);`;

async function folder(): Promise<string> {
  const made = await makeTempFolder('import');
  onTestFinished(() => removeTempFolder(made));
  return made;
}

async function sqlite(statements: string): Promise<string> {
  const file = path.join(await folder(), 'old.sqlite3');
  const database = new DatabaseSync(file);
  database.exec(statements);
  database.close();
  return file;
}

async function database(): Promise<string> {
  const made = await freshDatabase();
  onTestFinished(() => made.drop());
  return made.url;
}

/** Runs an import with its report in a folder of its own. */
async function runFrom(from: string, args: readonly string[] = [], databaseUrl?: string) {
  const report = path.join(await folder(), 'report.csv');
  const to = databaseUrl ?? (await database());
  return runImport(['--from', from, '--report', report, ...args], { databaseUrl: to });
}

/** What is said of an old database before anything is read of it. */
async function complaint(from: string, tables: TableNames = {}): Promise<string> {
  return openSource(from)
    .then(async source => {
      try {
        await findSchema(source, tables);
        return 'nothing';
      } finally {
        await source.close();
      }
    })
    .catch((error: unknown) => messageOf(error));
}

/** The one line that an import ends with, when it cannot go on. */
async function lastWords(from: string, databaseUrl?: string): Promise<string> {
  const { code, stdout, stderr } = await runFrom(from, [], databaseUrl);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^issue-intake import: .*\n$/);
  return stderr.trimEnd();
}

describe('says in one line what is wrong', () => {
  it('with a file that is not there, no file, or no database', async () => {
    const here = await folder();
    await mkdir(path.join(here, 'folder'));
    await writeFile(
      path.join(here, 'letter.txt'),
      'Dear Sir or Madam, this is no database at all.'.repeat(50),
    );

    expect(await complaint('sqlite:///not/there.sqlite3')).toBe('there is no file /not/there.sqlite3');
    expect(await complaint(path.join(here, 'folder'))).toMatch(/folder is no file$/);
    expect(await complaint(path.join(here, 'letter.txt'))).toMatch(
      /as an SQLite database: file is not a database$/,
    );
    expect(await complaint('mysql://old.example/crm')).toMatch(
      /takes a path, sqlite:\/\/ or postgres:\/\/, not mysql/,
    );
  });

  it('with tables and columns that are not there', async () => {
    const none = await complaint(await sqlite('create table letters (id integer primary key)'));
    const ambiguous = await complaint(
      await sqlite(`${SCHEMA} create table hr_user (id integer primary key)`),
    );
    const poor = await complaint(await sqlite(SCHEMA.replace('profile_type', 'sort')));
    const given = await complaint(await sqlite(SCHEMA), { users: 'people' });

    expect(none).toMatch(
      /found no table for users \(looked for users, or .*there are letters; name it with --tables/,
    );
    expect(ambiguous).toMatch(
      /several tables may be users: auth_user, hr_user; name it with --tables users=<table>$/,
    );
    expect(poor).toMatch(/crm_userprofile has no column profile_type or type or role; it has id, user_id,/);
    expect(given).toMatch(/there is no table people for users; there are auth_user, crm_customer,/);
    expect(await complaint(await sqlite(SCHEMA))).toBe('nothing');
  });

  it('with a PostgreSQL that is away, refuses, or is the new one', async () => {
    const url = await database();
    await rows(
      url,
      `drop schema public cascade; create schema public; ${SCHEMA}
      drop role if exists import_reader; create role import_reader login password 'secret';
      grant usage on schema public to import_reader`,
    );
    const reader = new URL(url);
    [reader.username, reader.password] = ['import_reader', 'secret'];

    expect(await complaint('postgres://someone:secret@127.0.0.1:1/crm')).toMatch(
      /cannot connect to the old database crm on 127.0.0.1: connect ECONNREFUSED/,
    );
    expect(await lastWords(reader.href)).toMatch(/permission denied for table crm_organization$/);
    expect(await complaint(await database())).toMatch(/is a database of issue-intake, not of the old CRM/);
  });

  it('with ids that are there twice', async () => {
    const file = await sqlite(`
      ${SCHEMA.replace('auth_user (id integer primary key', 'auth_user (id integer')}
      insert into auth_user (id) values (1), (1), (null)`);

    expect(await lastWords(file)).toMatch(
      /table auth_user has 3 rows, but 1 different ids; correct it first$/,
    );
  });

  it('with a new database that is empty, or away', async () => {
    const empty = await database();
    await rows(empty, 'drop schema public cascade; create schema public');
    const old = await sqlite(SCHEMA);

    expect(await lastWords(old, empty)).toMatch(/is empty; run npm run migrate first$/);
    expect(await lastWords(old, 'postgres://u:secret@127.0.0.1:1/new')).toMatch(
      /stopped: connect ECONNREFUSED/,
    );
  });

  it.for([
    [[], /^--from is missing; it must be the old database/],
    [['--from', ''], /^--from is missing/],
    [['--from', 'x', '--report', ''], /^--report needs the name of a file/],
    [['--from', 'x', '--tables', 'people=x'], /^--tables takes <name>=<old table>, the names being users,/],
    [['--from', 'x', '--force'], /^Unknown option '--force'; the options are --from,/],
  ] as const)('with the arguments %s', ([args, what]) => {
    expect(() => readImportArguments(args)).toThrow(what);
  });

  it('with no arguments, and ends with 2', async () => {
    const { code, stderr } = await runImport([], { databaseUrl: 'postgres://nowhere/at-all' });

    expect(stderr).toMatch(/^--from is missing.*\n$/);
    expect(code).toBe(2);
  });
});

it('explains itself with --help', async () => {
  const { code, stdout } = await runImport(['--help'], { databaseUrl: '' });

  expect(stdout).toMatch(/^npm run import -- --from <old database>/);
  expect(code).toBe(0);
});

it('takes tables by the names they are given, and reads what is not quite as usual', async () => {
  const old = await sqlite(`
    create table "people ""and"" more" (id varchar(40) primary key, email text, created_at text);
    create table companies (id char(32) primary key, title text, status text);
    create table roles (id, user, organization, role text, is_active boolean);
    create table clients (id, user_id, organization_id);
    insert into "people ""and"" more" values ('anna', 'anna@example.com', '2020-13-01 10:00:00+02'), ('7', '', '2020-01-01 10:00:00+02');
    insert into companies values ('0123456789abcdef0123456789abcdef', 'Acme', 'Active'), ('2', 'Gone', 'closed');
    insert into roles values (1, 'anna', '0123456789abcdef0123456789abcdef', 'Customer', 1), (2, '7', '2', 'customer', 0);
    insert into clients values (10, '7', '2'), (9, '7', '0123456789abcdef0123456789abcdef'), (1, 'anna', '0123456789abcdef0123456789abcdef');`);
  const to = await database();
  const tables = 'users=people "and" more,organizations=companies,user_profiles=roles,customers=clients';

  const { stdout } = await runFrom(old, ['--tables', tables], to);

  expect(stdout).toMatch(/users +2 brought in, 0 there already/);
  expect(stdout).toMatch(/organization_inactive +1 kept/);
  expect(await rows(to, 'select id, name, active from organizations order by name')).toEqual([
    { id: '01234567-89ab-cdef-0123-456789abcdef', name: 'Acme', active: true },
    { id: expect.any(String), name: 'Gone', active: false },
  ]);
  expect(
    await rows(
      to,
      `select user_id, status, (select name from organizations o where o.id = organization_id)
                           from user_profiles order by user_id`,
    ),
  ).toEqual([
    { user_id: '7', status: 'suspended', name: 'Gone' },
    { user_id: 'anna', status: 'active', name: 'Acme' },
  ]);
  expect(
    await rows(to, `select id, email, created_at < now() - interval '1 day' as early from users order by id`),
  ).toEqual([
    { id: '7', email: null, early: true },
    { id: 'anna', email: 'anna@example.com', early: false },
  ]);
  expect(await rows(to, 'select count(*)::int from customers')).toEqual([{ count: 3 }]);
});

it('leaves alone what the new system has', async () => {
  const old = await sqlite(`${SCHEMA.replace('profile_type text', 'profile_type text, status text')}
    insert into auth_user values (1, 'old@example.com');
    insert into crm_organization values (1, 'One'), (2, 'Two');
    insert into crm_userprofile values (1, 1, 2, 'customer', 'suspended');
    insert into crm_customer values (1, 1, 1), (2, 1, 2);`);
  const to = await database();
  const [own] = ['0198c0de-0000-7000-8000-0000000000aa'];
  await rows(
    to,
    `
    insert into organizations (id, name) values ('${own}', 'Own');
    insert into users (id, email) values ('1', 'new@example.com');
    insert into user_profiles (id, user_id, profile_type, organization_id) values ('${own}', '1', 'customer', '${own}')`,
  );

  const { stdout } = await runFrom(old, [], to);

  expect(stdout).toMatch(/profile_active_here +1 kept +suspended profile that is active in the new system\n/);
  expect(await rows(to, 'select email from users')).toEqual([{ email: 'new@example.com' }]);
  expect(await rows(to, 'select organization_id, status from user_profiles')).toEqual([
    { organization_id: own, status: 'active' },
  ]);
  expect(await rows(to, 'select user_profile_id from customers')).toEqual([
    { user_profile_id: own },
    { user_profile_id: own },
  ]);
});
