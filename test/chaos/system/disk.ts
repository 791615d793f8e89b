import { execFile } from 'node:child_process';
import { chmod, open, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { reapAfterDeath } from '../../support/reaper.ts';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.ts';

const run = promisify(execFile);

const BLOCK = Buffer.alloc(4096);

/** A folder for a server's data: on a small disk of its own where that may be mounted. */
export interface Disk {
  readonly folder: string;
  /** Undefined where nothing may be mounted: then the disk cannot be filled. */
  readonly fill: (() => Promise<void>) | undefined;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * @param pidFiles in the folder, of servers to stop if this process dies
 */
export async function makeDisk(
  purpose: string,
  megabytes: number,
  pidFiles: readonly string[],
): Promise<Disk> {
  const folder = await makeTempFolder(purpose);
  const endWatch = reapAfterDeath(folder, pidFiles);
  const isMounted = await mount(folder, megabytes);
  const filler = path.join(folder, 'filler');
  return {
    folder,
    fill: isMounted ? () => fill(filler) : undefined,
    free: () => rm(filler, { force: true }),
    async remove() {
      // Lazily: a server that does not end must not keep the disk.
      if (isMounted) await run('umount', ['-l', folder]);
      endWatch();
      await removeTempFolder(folder);
    },
  };
}

async function mount(folder: string, megabytes: number): Promise<boolean> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
    await chmod(folder, 0o711);
    return true;
  } catch {
    return false;
  }
}

/** The kernel gives most of it at once; those who write meanwhile leave a rest, which is written block by block. */
async function fill(file: string): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(file));
  await run('fallocate', ['-l', String(Math.max(1, bavail) * bsize), file]).catch(() => {});
  const handle = await open(file, 'a');
  try {
    for (;;) await handle.write(BLOCK);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await handle.close();
  }
}
