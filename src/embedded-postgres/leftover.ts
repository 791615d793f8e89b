import { readFile, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster } from './cluster.ts';
import { run } from './programs.ts';

/**
 * Stops the server that a killed owner left running. Only for the holder of the data's lock.
 *
 * @returns the number of the process that was stopped
 */
export async function stopLeftover(cluster: Cluster): Promise<number | undefined> {
  const pidFile = path.join(cluster.folder, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0) || !isAlive(pid)) return undefined;

  if (await serves(pid, cluster.folder)) {
    await cluster.stop();
    return pid;
  }
  // The server crashed and its number went to somebody else, whom PostgreSQL would take for it and refuse to
  // start. Without this file it still notices what runs of the old server, by the shared memory of the folder.
  await rm(pidFile, { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too, it only may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A server works in its data folder. Unlike its arguments, this stays true when the folder is moved. */
async function serves(pid: number, folder: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === folder;

  const fields = await run('lsof', ['-a', '-d', 'cwd', '-p', String(pid), '-Fn']).catch(() => '');
  return fields.split('\n').includes(`n${folder}`);
}
