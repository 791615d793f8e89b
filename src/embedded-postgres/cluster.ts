import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Account, EmbeddedPostgresError, run } from './programs.ts';

export type Settings = Readonly<Record<string, string>>;

const DRAFT_PREFIX = 'initializing-';

/** A fast stop that takes longer waits for a slow disk; the next start then recovers from the log instead. */
const FAST_STOP_SECONDS = 6;
/** A start may have to recover first. */
const START_SECONDS = 120;

export interface ClusterOptions {
  /** Folder of the cluster, its password and its log. */
  readonly home: string;
  /** Folder with PostgreSQL's `bin`. */
  readonly programs: string;
  readonly account: Account | undefined;
}

/** A PostgreSQL cluster on disk and the commands that make, start and stop it. */
export class Cluster {
  readonly folder: string;
  readonly logFile: string;
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.folder = path.join(options.home, 'cluster');
    this.logFile = path.join(options.home, 'postgres.log');
  }

  get exists(): boolean {
    return existsSync(this.folder);
  }

  /** Makes the cluster elsewhere and moves it into place, so that an interrupted start leaves none, not half of one. */
  async create(password: string, settings: Settings): Promise<void> {
    await this.#removeDrafts();
    const draft = await this.#own(await mkdtemp(path.join(this.#options.home, DRAFT_PREFIX)));
    const passwordFile = path.join(draft, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await this.#own(passwordFile);

    const data = path.join(draft, 'data');
    await this.#run('initdb', [...initdbArguments(settings), '-D', data, '--pwfile', passwordFile]);
    await rename(data, this.folder);
    await this.#removeDrafts();
  }

  async start(port: number, settings: Settings): Promise<void> {
    await writeFile(this.logFile, '', { flag: 'a', mode: 0o600 });
    await this.#own(this.logFile);

    const options = Object.entries({
      ...settings,
      port: String(port),
      listen_addresses: '127.0.0.1',
      // A path of more than 107 bytes is no socket, and the default folder is not ours to write to.
      unix_socket_directories: '',
    }).map(([name, value]) => `-c ${name}=${quoted(value)}`);
    const seconds = String(START_SECONDS);
    const log = path.basename(this.logFile);
    await this.#control('start', ['-w', '-t', seconds, '-l', log, '-o', options.join(' ')]);
  }

  async stop(): Promise<void> {
    try {
      await this.#control('stop', ['-m', 'fast', '-w', '-t', String(FAST_STOP_SECONDS)]);
    } catch (error) {
      if (!existsSync(path.join(this.folder, 'postmaster.pid'))) return;
      await this.#control('stop', ['-m', 'immediate', '-w', '-t', String(FAST_STOP_SECONDS)]).catch(() => {
        throw new EmbeddedPostgresError(`PostgreSQL in ${this.folder} does not stop`, { cause: error });
      });
    }
  }

  async #removeDrafts(): Promise<void> {
    const { home } = this.#options;
    const drafts = (await readdir(home)).filter(name => name.startsWith(DRAFT_PREFIX));
    for (const draft of drafts) {
      // An initdb whose parent was killed may still write there; the next start removes the rest.
      await rm(path.join(home, draft), { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
    }
  }

  async #own(file: string): Promise<string> {
    const { account } = this.#options;
    if (account) await chown(file, account.uid, account.gid);
    return file;
  }

  /** Paths are given relative to the home: pg_ctl puts them into a shell command, where a $ would mean something. */
  #control(command: 'start' | 'stop', args: readonly string[]): Promise<string> {
    return this.#run('pg_ctl', [command, '-s', '-D', path.basename(this.folder), ...args]);
  }

  #run(program: 'initdb' | 'pg_ctl', args: readonly string[]): Promise<string> {
    const { programs, account, home } = this.#options;
    return run(path.join(programs, 'bin', program), args, { account, cwd: home });
  }
}

function initdbArguments(settings: Settings): string[] {
  const encoding = [
    '-E',
    'UTF8',
    '--locale',
    'C',
    '--locale-provider',
    'builtin',
    '--builtin-locale',
    'C.UTF-8',
  ];
  const access = ['-U', 'postgres', '-A', 'scram-sha-256'];
  return [...encoding, ...access, '--no-instructions', ...(settings.fsync === 'off' ? ['--no-sync'] : [])];
}

/** pg_ctl hands the server's options to a shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
