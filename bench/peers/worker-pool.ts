import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicrosIn, failuresIn, isReady, type Task } from './worker-protocol.ts';

const PROGRAM = new URL('./worker-process.ts', import.meta.url);
const STOP_WITHIN_MS = 5000;

/** Real worker processes of one peer. */
export class WorkerPool {
  /** How many submissions have had their failure. */
  failures = 0;
  readonly #children: ChildProcess[] = [];
  readonly #cpuMicros = new Map<ChildProcess, number>();

  /** Starts processes that are connected, and wait for {@link go}. */
  static async start(count: number, task: Task): Promise<WorkerPool> {
    const pool = new WorkerPool();
    await Promise.all(Array.from({ length: count }, () => pool.#add(task)));
    return pool;
  }

  go(): void {
    for (const child of this.#children) child.send('go');
  }

  /** kill -9 of the process that has worked most: one that got no work would be no loss. */
  async killBusiest(): Promise<void> {
    const [busiest] = [...this.#cpuMicros].toSorted(([, a], [, b]) => b - a);
    if (busiest === undefined) throw new Error('no worker process has worked yet');
    await end(busiest[0], 'SIGKILL');
  }

  /** Throws when a process has ended that nobody killed: a figure without it would be wrong. */
  check(): void {
    const crashed = this.#children.find(
      child => child.exitCode !== null || (child.signalCode ?? 'SIGKILL') !== 'SIGKILL',
    );
    if (crashed !== undefined) throw new Error(`a worker process ended by itself (${crashed.exitCode})`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(child => stopInTime(child)));
  }

  async #add(task: Task): Promise<void> {
    const child = fork(PROGRAM, [JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#children.push(child);
    child.on('message', message => {
      this.failures += failuresIn(message);
      const cpuMicros = cpuMicrosIn(message);
      if (cpuMicros !== undefined) this.#cpuMicros.set(child, cpuMicros);
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the worker process of ${task.peer} did not start`);
    });
    ended.catch(() => {});
    await Promise.race([once(child, 'message').then(([message]) => isReady(message)), ended]);
  }
}

async function stopInTime(child: ChildProcess): Promise<void> {
  const stopped = end(child, 'SIGTERM');
  if ((await Promise.race([stopped, sleep(STOP_WITHIN_MS, 'late', { ref: false })])) === 'late') {
    await end(child, 'SIGKILL');
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
