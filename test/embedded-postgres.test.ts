import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DataInUseError, EmbeddedPostgresError } from '../src/embedded-postgres.ts';
import { setup } from './support/embedded-postgres.ts';
import { startOwner } from './support/owner-process.ts';
import { rows } from './support/rows.ts';

test('data and password survive a restart, on whatever port is free', async () => {
  const { dataDir, start } = await setup();
  const first = await start();
  await rows(first.url, `CREATE TABLE kept AS SELECT 'grüße' AS word`);
  await first.stop();
  await first.stop();

  const second = await start();

  expect(await rows(second.url, 'SELECT word FROM kept')).toEqual([{ word: 'grüße' }]);
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  expect((await stat(path.join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
});

test('the server speaks UTF-8, asks for a password and is reached from this machine only', async () => {
  const { start } = await setup();
  const { url } = await start();

  const [facts] = await rows(
    url,
    `SELECT current_setting('server_encoding') AS encoding, datlocale AS locale,
            current_setting('listen_addresses') AS addresses, current_setting('fsync') AS fsync
       FROM pg_database WHERE datname = current_database()`,
  );
  const stranger = new URL(url);
  stranger.password = 'wrong';

  expect(facts).toEqual({ encoding: 'UTF8', locale: 'C.UTF-8', addresses: '127.0.0.1', fsync: 'off' });
  await expect(rows(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
});

test('a second start on the same data names the process that has them', async () => {
  const { dataDir, start } = await setup();
  const owner = await startOwner([dataDir]);

  const error = await start().catch(thrown => thrown);

  expect(error).toBeInstanceOf(DataInUseError);
  expect(error.message).toBe(`${dataDir} is in use by process ${owner.pid}; stop it first`);
  expect(await rows(owner.firstLine, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a port that is asked for is used, or said to be taken', async () => {
  const { start } = await setup();
  const blocker = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void blocker.close());
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const error = await start({ port }).catch(thrown => thrown);
  blocker.close();
  await once(blocker, 'close');
  const postgres = await start({ port });

  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  expect(error.message).toContain('could not create any TCP/IP sockets');
  expect(postgres.port).toBe(port);
});

test('a folder may have any name', async () => {
  const { folder, start } = await setup();

  const { url } = await start({ dataDir: path.join(folder, `it's "our" $HOME é`) });

  expect(await rows(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
