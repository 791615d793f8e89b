/**
 * The PostgreSQL that `npm start` and the tests bring along. The server is a
 * daemon of its own, so Ctrl-C in a terminal ends our work first and the server
 * after it, when `stop` is called. If we are killed the server stays, and the
 * next start on the same data stops it. A lock makes sure that this is only
 * ever done to a server whose owner is gone.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Cluster, type Settings } from './embedded-postgres/cluster.ts';
import { type DataLock, lockData } from './embedded-postgres/data-lock.ts';
import { findHome, linkHome } from './embedded-postgres/home.ts';
import { stopLeftover } from './embedded-postgres/leftover.ts';
import { EmbeddedPostgresError, installedPostgres } from './embedded-postgres/programs.ts';
import { startServer } from './embedded-postgres/start-server.ts';
import { reachablePrograms, serverAccount } from './embedded-postgres/system-user.ts';

export { DataInUseError } from './embedded-postgres/data-lock.ts';
export { EmbeddedPostgresError };

const SHARED_FOLDER = '/var/lib/issue-intake';

export interface EmbeddedPostgresOptions {
  /** Folder for the data; made when missing. */
  readonly dataDir: string;
  /** A free one is found when none is given. */
  readonly port?: number;
  /** Server settings, such as `{ fsync: 'off' }`, for this start only. */
  readonly settings?: Settings;
  /** Where root keeps what the server's own user cannot reach in `dataDir` or `node_modules`. */
  readonly sharedFolder?: string;
  /** Told in a few words what takes time. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  /** Stops the server and gives the data free. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL on `dataDir` that only this machine can reach.
 *
 * @throws {DataInUseError} when another process has a server on the same data
 * @throws {EmbeddedPostgresError} when PostgreSQL cannot be set up or started
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, settings = {}, log = () => {}, sharedFolder = SHARED_FOLDER } = options;
  const account = await serverAccount();
  const programs = await reachablePrograms(installedPostgres(), account, sharedFolder);
  const home = await findHome(dataDir, account, sharedFolder);
  const lock = lockData(home.folder, path.resolve(dataDir));

  try {
    const cluster = new Cluster({ home: home.folder, programs, account });
    const stopped = await stopLeftover(cluster);
    if (stopped !== undefined) log(`stopped the PostgreSQL of an earlier run (process ${stopped})`);
    await linkHome(home);

    const password = await readPassword(home.folder, cluster.exists);
    if (!cluster.exists) {
      log(`setting up PostgreSQL in ${dataDir}`);
      await cluster.create(password, settings);
    }
    const port = await startServer(cluster, settings, options.port);
    return running(cluster, lock, port, password);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function running(cluster: Cluster, lock: DataLock, port: number, password: string): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    stop() {
      stopping ??= cluster.stop().finally(() => lock.release());
      return stopping;
    },
  };
}

/** The password of the data, which is made once and kept beside them. */
async function readPassword(home: string, needed: boolean): Promise<string> {
  const file = path.join(home, 'password');
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  if (needed)
    throw new EmbeddedPostgresError(`${file} is missing; put it back, or delete ${home} to start afresh`);

  const made = randomBytes(18).toString('hex');
  await writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}
