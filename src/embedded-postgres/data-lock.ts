/**
 * One process at a time may own a data folder. The lock is one that the kernel
 * holds for the owner, so it is gone the moment the owner is, however it ended;
 * a recorded process number alone could by then belong to somebody else.
 * Node has no file locks of its own, but SQLite, which it carries, takes one.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EmbeddedPostgresError } from './programs.ts';

const SQLITE_BUSY = 5;

/** Locks still held. A connection that nothing refers to is closed by the garbage collector. */
const held = new Set<DatabaseSync>();

export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
  readonly code = 'data_in_use';
  readonly dataDir: string;
  /** The owner's process number, where it is known. */
  readonly owner: number | undefined;

  constructor(dataDir: string, owner: number | undefined, options?: ErrorOptions) {
    const who = owner === undefined ? 'another process' : `process ${owner}`;
    super(`${dataDir} is in use by ${who}; stop it first`, options);
    this.dataDir = dataDir;
    this.owner = owner;
  }
}

export interface DataLock {
  release(): void;
}

/** Never open `owner.lock` in another way: closing any handle to it would drop this process's lock. */
export function lockData(home: string, dataDir: string): DataLock {
  const ownerFile = path.join(home, 'owner.pid');
  const database = new DatabaseSync(path.join(home, 'owner.lock'), { open: false });
  try {
    database.open();
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    if (database.isOpen) database.close();
    if (isBusy(cause)) throw new DataInUseError(dataDir, readOwner(ownerFile), { cause });
    throw new EmbeddedPostgresError(`${dataDir} cannot be used; does it belong to another user?`, { cause });
  }
  held.add(database);
  writeFileSync(ownerFile, `${process.pid}\n`);

  return {
    release() {
      if (!held.delete(database)) return;
      rmSync(ownerFile, { force: true });
      database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

/** Only for the message: the owner writes it just after it took the lock. */
function readOwner(file: string): number | undefined {
  try {
    const owner = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isNaN(owner) ? undefined : owner;
  } catch {
    return undefined;
  }
}
