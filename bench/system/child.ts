import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROJECT = path.resolve(import.meta.dirname, '..', '..');
const STOP_WITHIN_MS = 20_000;

/** A process under test. Its output goes to a file, as a supervisor would have it. */
export interface Child {
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** @throws when it has ended, with the end of what it printed */
  expectAlive(): void;
  /** Ends it and forgets its output. */
  stop(): Promise<void>;
  /** Ends it; its output stays until `stop`. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

let count = 0;

/** Starts a program of ours in a process of its own, with nothing of our environment but what it needs. */
export function startChild(args: readonly string[], env: Record<string, string>, folder: string): Child {
  const logFile = path.join(folder, `child-${process.pid}-${++count}.log`);
  const log = openSync(logFile, 'w');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...args], {
    cwd: PROJECT,
    // Workers answer machines on any free port, as there are several.
    env: { PATH, HOME, NODE_ENV: 'production', LOG_LEVEL: 'info', METRICS_PORT: '0', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  running.add(child);
  const exit = once(child, 'exit').then(() => running.delete(child));

  const output = () => readFileSync(logFile, 'utf8');
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!running.has(child)) return;
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exit;
    clearTimeout(late);
  };
  return {
    pid: child.pid ?? 0,
    output,
    expectAlive() {
      if (running.has(child)) return;
      throw new Error(`"${args.join(' ')}" has ended:\n${output().slice(-2000)}`);
    },
    end,
    async stop() {
      await end('SIGTERM');
      rmSync(logFile, { force: true });
    },
  };
}

/** Waits until `check` says so. @throws when a process has ended, or after a minute */
export async function until(
  children: readonly Child[],
  check: () => Promise<boolean>,
  everyMs = 25,
): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await check())) {
    for (const child of children) child.expectAlive();
    if (Date.now() > deadline) throw new Error('it was to be so within a minute, and is not');
    await sleep(everyMs);
  }
}
