import { execFile } from 'node:child_process';
import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);

/** Copies a Redis at work, by the commands of docs/operating.md. */
export async function copyRedis(port: number, to: string): Promise<void> {
  const redis = async (...args: string[]) => (await run('redis-cli', ['-p', String(port), ...args])).stdout;
  const [, folder = ''] = (await redis('config', 'get', 'dir')).split('\n');
  await redis('config', 'set', 'auto-aof-rewrite-percentage', '0');
  await waitFor(async () => (await redis('info', 'persistence')).includes('aof_rewrite_in_progress:0'));
  await run('cp', ['-a', path.join(folder, 'appendonlydir'), to]);
  await redis('config', 'set', 'auto-aof-rewrite-percentage', '100');
}

const Label = Type.Object({ labelfile: Type.String() });

/**
 * A base backup of a PostgreSQL at work, by the functions that pg_basebackup is made
 * of; that program must be of the server's version, and is not among what the tests bring.
 */
export async function copyPostgres(url: string, dataDir: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('a test', fast => true)`);
    await mkdir(to, { recursive: true });
    // With its owner, which matters to the server's own user.
    await run('cp', ['-a', `${dataDir}/.`, to]);
    const { rows } = await client.query('select labelfile from pg_backup_stop(wait_for_archive => false)');
    // What was written meanwhile: the copy is as of the end of the backup.
    await run('cp', ['-a', `${dataDir}/cluster/pg_wal/.`, path.join(to, 'cluster/pg_wal')]);
    await writeOwned(path.join(to, 'cluster/backup_label'), Value.Parse(Label, rows[0]).labelfile);
    for (const left of ['postmaster.pid', 'postmaster.opts']) {
      await rm(path.join(to, 'cluster', left), { force: true });
    }
    for (const lock of ['owner.lock', 'owner.pid']) await rm(path.join(to, lock), { force: true });
  } finally {
    await client.end();
  }
}

/** Owned by whoever owns its folder. */
async function writeOwned(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  const { uid, gid } = await stat(path.dirname(file));
  await chown(file, uid, gid);
}
