import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const OWNER_SCRIPT = fileURLToPath(new URL('./postgres-owner.ts', import.meta.url));

export interface Owner {
  readonly pid: number;
  /** The first line it printed: the server's URL, or what went wrong. */
  readonly firstLine: string;
  /** kill -9 of this process alone. */
  kill(): Promise<void>;
  /** What Ctrl-C in a terminal does: SIGINT to its whole process group. Answers all it printed. */
  interrupt(): Promise<string>;
}

/** Runs `postgres-owner.ts` in a process group of its own until the test is finished. */
export async function startOwner(args: readonly string[], script = OWNER_SCRIPT): Promise<Owner> {
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });

  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  while (!output.includes('\n') && child.exitCode === null) await once(child.stdout, 'data');

  const pid = child.pid ?? 0;
  return {
    pid,
    firstLine: output.split('\n')[0] ?? '',
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    async interrupt() {
      process.kill(-pid, 'SIGINT');
      await exit;
      return output;
    },
  };
}
