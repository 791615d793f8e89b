import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Account, EmbeddedPostgresError, run } from './programs.ts';

export type Settings = Readonly<Record<string, string>>;

const DRAFT_PREFIX = 'initializing-';

/** Longer than this a fast stop waits for a slow disk; after an immediate one the next start recovers instead. */
const STOP_SECONDS = 6;
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
    try {
      const draft = await this.#own(await mkdtemp(path.join(this.#options.home, DRAFT_PREFIX)));
      const passwordFile = path.join(draft, 'password');
      await writeFile(passwordFile, password, { mode: 0o600 });
      await this.#own(passwordFile);

      const data = path.join(draft, 'data');
      await this.#run('initdb', [...initdbArguments(settings), '-D', data, '--pwfile', passwordFile]);
      await rename(data, this.folder);
    } finally {
      await this.#removeDrafts();
    }
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

  /** Also right for a server that is not there any more. */
  async stop(): Promise<void> {
    for (const mode of ['fast', 'immediate']) {
      const args = ['-m', mode, '-w', '-t', String(STOP_SECONDS)];
      const failure = await this.#control('stop', args).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined || !(await this.#isRunning())) return;
    }
    throw new EmbeddedPostgresError(`PostgreSQL in ${this.folder} does not stop`);
  }

  #isRunning(): Promise<boolean> {
    return this.#control('status', []).then(
      () => true,
      () => false,
    );
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
  #control(command: 'start' | 'stop' | 'status', args: readonly string[]): Promise<string> {
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
