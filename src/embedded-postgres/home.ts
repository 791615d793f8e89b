/**
 * The folder that holds the cluster, its password and its log. That is the one
 * asked for, except where root asks for a folder which the system user `postgres`
 * cannot reach, such as one below root's own home (mode 700). The data then lives
 * below a shared folder (/var/lib/issue-intake), and the folder asked for is a link that leads there.
 */
import { chmod, lstat, mkdir, readdir, realpath, rm, rmdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { type Account, EmbeddedPostgresError } from './programs.ts';
import { canEnter, sharedPath } from './system-user.ts';

/** What the lock keeps here, and must outlive the data. */
const LOCK_FILES = ['owner.lock', 'owner.pid'];

export interface Home {
  readonly folder: string;
  /** Where the link to `folder` has yet to be made. */
  readonly missingLink?: string;
}

export async function findHome(
  dataDir: string,
  account: Account | undefined,
  sharedFolder: string,
): Promise<Home> {
  const wanted = path.resolve(dataDir);
  if (!account) return inPlace(wanted);

  const linked = await lstat(wanted).then(
    entry => entry.isSymbolicLink(),
    () => false,
  );
  await mkdir(path.dirname(wanted), { recursive: true });
  if (linked || (await canEnter(path.dirname(wanted), account))) return inPlace(wanted, 0o711);

  await removeEmpty(wanted, account);
  const key = path.join(await realpath(path.dirname(wanted)), path.basename(wanted));
  const { folder } = await inPlace(await sharedPath(sharedFolder, 'data', key), 0o711);
  return { folder, missingLink: wanted };
}

async function inPlace(wanted: string, mode?: number): Promise<Home> {
  const folder = await realpath(wanted).catch(() => undefined);
  if (folder === undefined) await mkdir(wanted, { recursive: true });
  if (mode !== undefined) await chmod(wanted, mode);
  return { folder: folder ?? (await realpath(wanted)) };
}

async function removeEmpty(wanted: string, account: Account): Promise<void> {
  const content = await readdir(wanted).catch(() => undefined);
  if (content === undefined) return;
  if (content.length === 0) return rmdir(wanted);
  throw new EmbeddedPostgresError(
    `the system user "${account.name}", who runs PostgreSQL, cannot enter ${path.dirname(wanted)}; ` +
      `move ${wanted} to a folder open to all users and put a link in its place`,
  );
}

/**
 * Makes the missing link. Data found without one is what a deleted clone left at
 * this path, or what the user deleted by deleting the link: it is not to come back.
 */
export async function linkHome({ folder, missingLink }: Home): Promise<void> {
  if (missingLink === undefined) return;
  const content = await readdir(folder);
  const leftOver = content.filter(name => !LOCK_FILES.includes(name));
  await Promise.all(leftOver.map(name => rm(path.join(folder, name), { recursive: true, force: true })));
  await symlink(folder, missingLink);
}
