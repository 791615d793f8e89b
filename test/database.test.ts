import { execFile } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { type DatabaseOptions, migrate, openDatabase } from '../src/database.ts';
import { emptyDatabase } from './support/empty-database.ts';
import { openForeignWriter } from './support/foreign-writer.ts';
import { rows } from './support/rows.ts';
import { freshDatabase } from './support/services.ts';
import { openTcpProxy } from './support/tcp-proxy.ts';
import { waitFor } from './support/wait-for.ts';

const MIGRATING_PROCESS = fileURLToPath(new URL('./support/migrating-process.ts', import.meta.url));
const ALL_MIGRATIONS = [
  '0001-domain',
  '0002-refusals',
  '0003-organization-indexes',
  '0004-primary-organization-changes',
  '0005-webhooks',
];

const TABLES = `
  select table_name from information_schema.tables where table_schema = 'public' order by 1`;
const OUR_TABLES = [
  'customers',
  'intake_migrations',
  'issues',
  'organizations',
  'outbox',
  'primary_organization_changes',
  'refusals',
  'user_profiles',
  'users',
  'webhook_deliveries',
  'webhook_endpoints',
];

function open(url: string, options: DatabaseOptions = {}) {
  const orm = openDatabase(url, options);
  onTestFinished(() => orm.close());
  return orm;
}

async function migrateInProcess(url: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [MIGRATING_PROCESS, url]);
  return JSON.parse(stdout);
}

test('migrations run up on an empty database, and tell their names', async () => {
  const url = await emptyDatabase();

  expect(await migrate(url)).toEqual(ALL_MIGRATIONS);
  expect(await rows(url, TABLES)).toEqual(OUR_TABLES.map(table_name => ({ table_name })));
});

test('a second run finds nothing to do', async () => {
  const { url } = await freshDatabase();

  expect(await migrate(url)).toEqual([]);
  expect(await rows(url, 'select name from intake_migrations')).toEqual(
    ALL_MIGRATIONS.map(name => ({ name })),
  );
});

test('several processes at once run each migration exactly once', async () => {
  const url = await emptyDatabase();
  const [foreign, observer] = [await openForeignWriter(url), await openForeignWriter(url)];
  // Holds whoever comes first in the middle of a migration, until all have come.
  await foreign.query('begin');
  await foreign.query('create table organizations (mine text)');

  const running = Promise.all([1, 2, 3].map(() => migrateInProcess(url)));
  await waitFor(async () => (await observer.query(WAITING)).length === 3);
  await foreign.query('rollback');

  expect((await running).flat()).toEqual(ALL_MIGRATIONS);
  expect(await rows(url, 'select name from intake_migrations')).toEqual(
    ALL_MIGRATIONS.map(name => ({ name })),
  );
});

const WAITING = `
  select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

test('a migration that fails leaves the database as it was, and can be run again', async () => {
  const url = await emptyDatabase();
  await rows(url, 'create table issues (mine text)');

  await expect(migrate(url)).rejects.toThrow('relation "issues" already exists');
  const left = await rows(url, TABLES);
  await rows(url, 'drop table issues');

  expect(left).not.toContainEqual({ table_name: 'users' });
  expect(await migrate(url)).toEqual(ALL_MIGRATIONS);
});

test('migrations can be taken back', async () => {
  const { url } = await freshDatabase();

  await open(url).migrator.down({ to: 0 });

  expect(await rows(url, TABLES)).toEqual([{ table_name: 'intake_migrations' }]);
});

test('a migration that came later than one with a higher number is made up for', async () => {
  const { url } = await freshDatabase();
  const { migrator } = open(url);
  const [late] = ALL_MIGRATIONS.slice(-2);

  await migrator.down({ migrations: [String(late)] });

  expect(await migrate(url)).toEqual([late]);
  expect(await open(url).schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
});

test('entities and migrations agree', async () => {
  const { url } = await freshDatabase();

  expect(await open(url).schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
});

test('opening a database that is away is no error', async () => {
  const orm = open('postgres://postgres@127.0.0.1:1/nowhere');

  await expect(orm.em.fork().execute('select 1')).rejects.toThrow('ECONNREFUSED');
});

test('a database that does not exist is not made in passing', async () => {
  const url = `${await emptyDatabase()}_gone`;

  await expect(open(url).em.fork().execute('select 1')).rejects.toThrow('does not exist');
});

test('no connection waits for ever: neither in a transaction nor for a statement', async () => {
  const { url } = await freshDatabase();

  const limits = await open(url)
    .em.fork()
    .execute(`
      select current_setting('idle_in_transaction_session_timeout') idle, current_setting('statement_timeout') statement`);

  expect(limits).toEqual([{ idle: '10s', statement: '30s' }]);
});

test('connections that were lost in the middle of a transaction are replaced', async () => {
  const { url } = await freshDatabase();
  const orm = open(url, { poolSize: 2 });

  const lost = await Promise.allSettled(
    [1, 2].map(() =>
      orm.em.fork().transactional(em => em.execute('select pg_terminate_backend(pg_backend_pid())')),
    ),
  );
  const after = orm.em.fork().execute('select 1 one');

  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await after).toEqual([{ one: 1 }]);
});

test('closing does not wait for a connection that is being opened', async () => {
  const { url } = await freshDatabase();
  const proxy = await openTcpProxy(url);
  onTestFinished(() => proxy.close());
  const orm = openDatabase(proxy.url);
  await orm.em.getConnection().execute('select 1');

  proxy.freeze();
  const answers = Promise.allSettled([1, 2].map(n => orm.em.getConnection().execute(`select ${n}`)));
  // Its query is on its way on the connection that was there; the other's opens one.
  await setImmediate();
  const closing = orm.close();
  await setImmediate();
  proxy.mend();

  await closing;
  expect((await answers).map(({ status }) => status)).toContain('fulfilled');
});
