import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { faultOf } from '../../src/workers/database-errors.ts';
import { faultIn, thrownBy } from '../support/fault.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { freshDatabase } from '../support/services.ts';

function openAt(url: string) {
  const orm = openDatabase(url, { poolSize: 1 });
  onTestFinished(() => orm.close());
  return orm;
}

/** Something that listens where a PostgreSQL should, and does this with whoever connects. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer(socket => {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    onConnection(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `postgres://postgres@127.0.0.1:${isAddress(address) ? address.port : 0}/db`;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

test('a server that is not there is the fault of the database', async () => {
  const orm = openAt('postgres://postgres@127.0.0.1:1/db');

  expect(faultOf(await faultIn(orm, 'select 1'))).toBe('database');
});

test('a server with neither of two addresses there is the fault of the database', async () => {
  const orm = openAt('postgres://postgres@localhost:1/db');

  expect(faultOf(await faultIn(orm, 'select 1'))).toBe('database');
});

test('a server that hangs up is the fault of the database', async () => {
  const orm = openAt(await listen(socket => socket.once('data', () => socket.destroy())));

  expect(faultOf(await faultIn(orm, 'select 1'))).toBe('database');
});

test('a name that nobody knows is the fault of the database', async () => {
  const orm = openAt('postgres://postgres@nowhere.invalid/db');

  expect(faultOf(await faultIn(orm, 'select 1'))).toBe('database');
});

test.each(['does not exist', 'takes no more connections'])(
  'a database that %s is the fault of the database, from the first attempt to the next',
  async trouble => {
    const { url } = await freshDatabase();
    const gone = new URL(url);
    gone.pathname += '_gone';
    const foreign = await openForeignWriter(url);
    if (trouble !== 'does not exist') {
      await foreign.query(`create database ${gone.pathname.slice(1)} allow_connections false`);
    }
    const orm = openAt(gone.href);

    expect(faultOf(await faultIn(orm, 'select 1'))).toBe('database');
    expect(faultOf(await faultIn(orm, 'select 1'))).toBe('database');
  },
);

test('a backend that is ended in the middle of a statement is the fault of the database', async () => {
  const { url } = await freshDatabase();
  const foreign = await openForeignWriter(url);
  await foreign.query('begin');
  await foreign.query('lock users');

  const fault = faultIn(openAt(url), `insert into users (id) values ('u1')`);
  await foreign.isWaitedFor();
  await foreign.query(`select pg_terminate_backend(pid) from pg_stat_activity
                        where pg_backend_pid() = any(pg_blocking_pids(pid))`);

  expect(faultOf(await fault)).toBe('database');
});

test('a backend that is ended between two statements is the fault of the database', async () => {
  const { url } = await freshDatabase();
  const foreign = await openForeignWriter(url);

  const error = await faultIn(openAt(url), async em => {
    const [{ pid }] = await em.execute<[{ pid: number }]>('select pg_backend_pid() pid');
    await foreign.query('select pg_terminate_backend($1, 5000)', [pid]);
    await em.execute('select 1');
  });

  expect(faultOf(error)).toBe('database');
});

/** The driver's own limits, as `openDatabase` sets them, only shorter. */
const limits: [string, pg.PoolConfig, (pool: pg.Pool) => Promise<unknown>][] = [
  ['no answer to a statement', { query_timeout: 20 }, pool => pool.query('select pg_sleep(1)')],
  [
    'no free connection',
    { max: 1, connectionTimeoutMillis: 20 },
    async pool => {
      const client = await pool.connect();
      return pool.connect().finally(() => client.release());
    },
  ],
];

test.each(limits)('%s in time is the fault of the database', async (_, limit, work) => {
  const { url } = await freshDatabase();
  const pool = new pg.Pool({ connectionString: url, ...limit });
  onTestFinished(() => pool.end());

  expect(faultOf(await thrownBy(work(pool)))).toBe('database');
});

test('a server that says nothing in time is the fault of the database', async () => {
  const connectionString = await listen(() => {});
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 20 });
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 20 });

  expect(faultOf(await thrownBy(pool.connect()))).toBe('database');
  expect(faultOf(await thrownBy(client.connect()))).toBe('database');
});

/** What the way to a server reports before any statement: names, routes, certificates. */
const CODES = [
  ...['EAI_AGAIN', 'ENOTFOUND', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPIPE', 'EMFILE'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'],
];

test.each(CODES)('%s on the way to the server is the fault of the database', code => {
  expect(faultOf(Object.assign(new Error('on the way'), { code }))).toBe('database');
});

test('a server that has no TLS is the fault of the database', async () => {
  const url = await listen(socket => socket.once('data', () => socket.write('N')));
  const client = new pg.Client({ connectionString: url, ssl: true });

  expect(faultOf(await thrownBy(client.connect()))).toBe('database');
});
