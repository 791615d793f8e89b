import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { setup } from './support/embedded-postgres.ts';
import { OWNER_SCRIPT, startOwner } from './support/owner-process.ts';
import { rows } from './support/rows.ts';
import { waitFor } from './support/wait-for.ts';

test('Ctrl-C leaves the server running until its owner stops it', async () => {
  const { dataDir } = await setup();
  const owner = await startOwner([dataDir]);

  const output = await owner.interrupt();

  expect(output).toContain('stopped in order');
  await expect(rows(owner.firstLine, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
});

test('after kill -9 of the owner the next start stops its server and has its data', async () => {
  const { dataDir, start } = await setup();
  const owner = await startOwner([dataDir]);
  await rows(owner.firstLine, 'CREATE TABLE kept AS SELECT 1 AS one');
  await owner.kill();
  expect(await rows(owner.firstLine, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);

  const next = await start();

  expect(await rows(next.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  await expect(rows(owner.firstLine, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
});

test('after kill -9 of the server and its owner the next start recovers the data', async () => {
  const { dataDir, start } = await setup();
  const owner = await startOwner([dataDir]);
  await rows(owner.firstLine, 'CREATE TABLE kept AS SELECT 1 AS one');
  await killServer(dataDir);
  await owner.kill();

  const next = await start();

  expect(await rows(next.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
});

test('stopping a server that was killed is no error, and the next start recovers the data', async () => {
  const { dataDir, start } = await setup();
  const first = await start();
  await rows(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
  await killServer(dataDir);

  await first.stop();
  const next = await start();

  expect(await rows(next.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
});

test('a process that got the number of a dead server is left alone', async () => {
  const { dataDir, start } = await setup();
  await (await start()).stop();
  const bystander = await startBystander(dataDir);
  await writeFile(pidFileOf(dataDir), `${bystander.pid}\n`);

  const next = await start();

  expect(await rows(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

test('a start waits for what is left of a killed server, even if its number went to somebody else', async () => {
  const { dataDir, start } = await setup();
  const first = await start();
  const backend = await openBackend(first.url);
  process.kill(backend, 'SIGSTOP');
  await killServer(dataDir);
  await first.stop();
  const bystander = await startBystander(dataDir);
  const content = await readFile(pidFileOf(dataDir), 'utf8');
  await writeFile(pidFileOf(dataDir), content.replace(/^\d+/, String(bystander.pid)));

  const next = start();
  const early = await Promise.race([next.then(() => true), delay(700, false)]);
  process.kill(backend, 'SIGCONT');

  expect(early).toBe(false);
  expect(await rows((await next).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a set-up that was interrupted is begun anew', async () => {
  const { dataDir, start } = await setup({ empty: true });
  const half = path.join(dataDir, 'initializing-abc');
  await mkdir(path.join(half, 'data', 'base'), { recursive: true });

  const { url } = await start();

  expect(await rows(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(await readdir(dataDir)).not.toContain('initializing-abc');
});

test('a set-up whose process is killed is begun anew', async () => {
  const { dataDir, start } = await setup({ empty: true });
  const owner = spawn(process.execPath, [OWNER_SCRIPT, dataDir], { stdio: 'ignore' });
  const exit = once(owner, 'exit');
  const draft = await waitFor(async () => {
    const name = (await readdir(dataDir).catch(() => [])).find(entry => entry.startsWith('initializing-'));
    return name && existsSync(path.join(dataDir, name, 'data', 'PG_VERSION'));
  });
  owner.kill('SIGKILL');
  await exit;

  const { url } = await start();

  expect(draft).toBe(true);
  expect(await rows(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

async function killServer(dataDir: string): Promise<void> {
  process.kill(Number.parseInt(await readFile(pidFileOf(dataDir), 'utf8'), 10), 'SIGKILL');
}

function pidFileOf(dataDir: string): string {
  return path.join(dataDir, 'cluster', 'postmaster.pid');
}

/** A process of the server's own user: PostgreSQL minds no others. */
async function startBystander(dataDir: string): Promise<ChildProcess> {
  const { uid, gid } = await stat(path.join(dataDir, 'cluster'));
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore', uid, gid });
  onTestFinished(() => void bystander.kill());
  await once(bystander, 'spawn');
  return bystander;
}

/** The number of a server process that is busy with a connection. */
async function openBackend(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  // It ends with its server.
  client.on('error', () => {});
  await client.connect();
  const answer = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return answer.rows[0]?.pid ?? 0;
}
