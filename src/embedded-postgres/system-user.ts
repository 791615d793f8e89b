import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Account, EmbeddedPostgresError, run, succeeds } from './programs.ts';

const NAME = 'postgres';

/**
 * The account to run the server as, or nothing where we are not root and run it
 * ourselves: PostgreSQL refuses to run as root.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await findAccount()) ?? (await createAccount());
}

async function findAccount(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
    return { name: NAME, uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

async function createAccount(): Promise<Account> {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  // When this fails, another start may just have created it: looking again decides.
  await succeeds('useradd', [...options, NAME]);
  const created = await findAccount();
  if (created) return created;

  const remedy = `create a system user "${NAME}", or start as another user`;
  throw new EmbeddedPostgresError(`PostgreSQL does not run as root; ${remedy}`);
}

export function canEnter(folder: string, account: Account): Promise<boolean> {
  return succeeds('sh', ['-c', 'cd -- "$1"', 'sh', folder], { account });
}

/** The programs where `account` can run them: where npm put them, or a copy. */
export async function reachablePrograms(
  installed: string,
  account: Account | undefined,
  sharedFolder: string,
): Promise<string> {
  if (!account || (await canRun(installed, account))) return installed;

  const server = path.join(installed, 'bin', 'postgres');
  const { size } = await stat(server);
  // A name of its own for every version, so that an update does not replace programs that are running.
  const copy = await sharedPath(sharedFolder, 'programs', `${await run(server, ['--version'])}${size}`);
  if (!(await canRun(copy, account))) await copyPrograms(installed, copy);
  return copy;
}

function canRun(programs: string, account: Account): Promise<boolean> {
  return succeeds(path.join(programs, 'bin', 'postgres'), ['--version'], { account });
}

async function copyPrograms(from: string, to: string): Promise<void> {
  const draft = `${to}.${process.pid}`;
  await run('cp', ['-RP', from, draft]);
  await run('chmod', ['-R', 'a+rX', draft]);
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
}

/** A path in `sharedFolder`, which every user can enter; the same for the same `key`. */
export async function sharedPath(
  sharedFolder: string,
  kind: 'programs' | 'data',
  key: string,
): Promise<string> {
  await mkdir(sharedFolder, { recursive: true });
  // Said again because the mode of mkdir is cut by the caller's umask.
  await chmod(sharedFolder, 0o755);
  return path.join(sharedFolder, `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`);
}
