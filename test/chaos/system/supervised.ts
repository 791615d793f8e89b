import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROJECT = path.resolve(import.meta.dirname, '..', '..', '..');

const RESTART_AFTER_MS = 1000;
/** Docker's patience with a process that was told to end. */
const TERM_PATIENCE_MS = 10_000;
const LOG_TAIL = 600;

/** The end of a process. */
export interface Ended {
  readonly at: number;
  readonly process: string;
  /** Whether a fault ended it, or it ended by itself. */
  readonly by: 'fault' | 'itself';
  readonly how: string;
  /** The end of what it printed, where it ended by itself. */
  readonly log?: string;
}

export interface SupervisedOptions {
  readonly name: string;
  readonly role: 'api' | 'worker';
  readonly environment: Record<string, string>;
  /** For its log, and the number of its process. */
  readonly folder: string;
}

/** The name of the file with the number of a process. */
export function pidFileOf(name: string): string {
  return `${name}.pid`;
}

/** A process of the product under a supervisor as a container platform has: whatever ends is started again. */
export class Supervised {
  readonly name: string;
  readonly ends: Ended[] = [];
  readonly logFile: string;
  readonly #options: SupervisedOptions;
  #child: ChildProcess | undefined;
  #isEndedByFault = false;
  #isClosing = false;
  /** Where the log of the process that runs now begins. */
  #logStart = 0;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.name = options.name;
    this.logFile = path.join(options.folder, `${options.name}.log`);
    this.#start();
  }

  /** kill -9. */
  kill(): void {
    this.#isEndedByFault = true;
    this.#child?.kill('SIGKILL');
  }

  /** As a deployment does it: SIGTERM, and SIGKILL for one that takes too long. */
  terminate(): void {
    this.#isEndedByFault = true;
    const child = this.#child;
    child?.kill('SIGTERM');
    setTimeout(() => child?.kill('SIGKILL'), TERM_PATIENCE_MS).unref();
  }

  /** SIGSTOP. @returns continues it, if it is still the same process */
  stop(): () => void {
    const child = this.#child;
    child?.kill('SIGSTOP');
    return () => void child?.kill('SIGCONT');
  }

  /** What the process that runs now has printed. */
  async log(): Promise<string> {
    const all = await readFile(this.logFile);
    return all.subarray(this.#logStart).toString();
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (child === undefined) return;
    const exit = once(child, 'exit');
    child.kill('SIGCONT');
    this.terminate();
    await exit;
  }

  #start(): void {
    const { name, role, environment, folder } = this.#options;
    const log = openSync(this.logFile, 'a');
    const { PATH = '', HOME = '', NODE_COMPILE_CACHE } = process.env;
    const child = spawn(process.execPath, [path.join(PROJECT, 'src', 'main.ts'), role], {
      cwd: PROJECT,
      env: { PATH, HOME, NODE_COMPILE_CACHE, NODE_ENV: 'production', METRICS_PORT: '0', ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.#isEndedByFault = false;
    writeFileSync(path.join(folder, pidFileOf(name)), `${child.pid}\n`);
    child.once('exit', (code, signal) => void this.#ended(String(signal ?? `exit code ${code}`)));
  }

  async #ended(how: string): Promise<void> {
    this.#child = undefined;
    const by = this.#isEndedByFault ? 'fault' : 'itself';
    if (this.#isClosing) return;
    const log = by === 'itself' ? { log: (await this.log()).slice(-LOG_TAIL) } : {};
    this.ends.push({ at: Date.now(), process: this.name, by, how, ...log });
    await sleep(RESTART_AFTER_MS);
    if (this.#isClosing) return;
    this.#logStart = (await readFile(this.logFile)).length;
    this.#start();
  }
}
