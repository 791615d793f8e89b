import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../../scripts/bootstrap/debian-package.mjs';
import { REDIS_PROGRAMS } from '../../scripts/bootstrap/redis.mjs';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { reapAfterDeath } from './reaper.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';
import { WAIT_MS } from './wait-for.ts';

const PID_FILE = 'redis.pid';
const LOG_FILE = 'redis.log';

export interface RedisOptions {
  /** Keeps every write, so that the data survive `kill` and `restart`. */
  readonly appendonly?: boolean;
  /** A free one is found when none is given. */
  readonly port?: number;
  /** More of redis-server's own arguments. */
  readonly args?: readonly string[];
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The number of the process that runs now, or ran last. */
  readonly pid: number;
  /** SIGSTOP: it keeps its connections, and answers nothing until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** kill -9. Its files stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files, after `kill`. */
  restart(): Promise<void>;
  /** Ends it, however it is, and removes its files. May be called more than once. */
  stop(): Promise<void>;
}

/** Starts a Redis of the caller's own, which only this machine can reach. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const folder = await makeTempFolder('redis');
  const endWatch = reapAfterDeath(folder, [PID_FILE]);
  let child: ChildProcess | undefined;

  const restart = async (): Promise<void> => {
    await rm(path.join(folder, LOG_FILE), { force: true });
    child = launch(folder, port, options);
    await ready(child, folder);
  };
  const stop = async (): Promise<void> => {
    child?.kill('SIGCONT');
    await end(child, 'SIGTERM');
    endWatch();
    await removeTempFolder(folder);
  };
  const kill = async (): Promise<void> => {
    await end(child, 'SIGKILL');
    await rm(path.join(folder, PID_FILE), { force: true });
  };

  try {
    await restart();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill,
    restart,
    stop,
  };
}

function launch(folder: string, port: number, { appendonly = false, args = [] }: RedisOptions): ChildProcess {
  const program = findProgram(REDIS_PROGRAMS, process.env);
  if (program === undefined) throw new Error('this test needs redis-server or valkey-server on the PATH');

  const network = ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', ''];
  const storage = ['--dir', folder, '--save', '', '--appendonly', appendonly ? 'yes' : 'no'];
  // "always": what was acknowledged must survive a kill -9, or a test would blame the wrong side.
  const safety = ['--appendfsync', 'always', '--maxmemory-policy', 'noeviction', '--databases', '1024'];
  const files = ['--pidfile', path.join(folder, PID_FILE), '--logfile', path.join(folder, LOG_FILE)];
  // A group of its own: Ctrl-C must end the tests before their servers.
  return spawn(program, [...network, ...storage, ...safety, ...files, ...args], {
    detached: true,
    stdio: 'ignore',
  });
}

/** Asks its log, because on its port somebody else's server might answer. */
async function ready(child: ChildProcess, folder: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const log = await readFile(path.join(folder, LOG_FILE), 'utf8').catch(() => '');
    if (log.includes('Ready to accept connections')) return;
    if (hasEnded(child) || Date.now() > deadline) throw new Error(`redis-server did not start:\n${log}`);
    await delay(10);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
