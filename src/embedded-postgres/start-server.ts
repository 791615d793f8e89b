import { open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Settings } from './cluster.ts';
import { freePort } from './free-port.ts';
import { EmbeddedPostgresError } from './programs.ts';

const ATTEMPTS = 8;
const PAUSE_MS = 400;

/** Failures that pass: see `startServer`. */
const PORT_TAKEN = 'could not bind IPv4 address';
const OLD_BACKENDS = 'pre-existing shared memory block';

/**
 * Starts the server and answers its port. Between finding a free port and
 * using it another program may take it; and after `kill -9` of a server, its
 * backends need a moment to notice and to leave.
 */
export async function startServer(cluster: Cluster, settings: Settings, fixedPort?: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort());
    const logStart = await sizeOf(cluster.logFile);
    try {
      await cluster.start(port, settings);
      return port;
    } catch (cause) {
      const log = await readFrom(cluster.logFile, logStart);
      const passes = log.includes(OLD_BACKENDS) || (log.includes(PORT_TAKEN) && fixedPort === undefined);
      if (!passes || attempt === ATTEMPTS) throw startError(cluster, log, cause);
      await delay(PAUSE_MS);
    }
  }
}

function startError(cluster: Cluster, log: string, cause: unknown): EmbeddedPostgresError {
  const reason =
    /(?:FATAL|PANIC):\s+(.*)/.exec(log)?.[1] ?? (cause instanceof Error ? cause.message : String(cause));
  return new EmbeddedPostgresError(`PostgreSQL did not start: ${reason} (see ${cluster.logFile})`, { cause });
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function readFrom(file: string, start: number): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return '';
  try {
    return await handle
      .createReadStream({ start, encoding: 'utf8', autoClose: false })
      .toArray()
      .then(parts => parts.join(''));
  } finally {
    await handle.close();
  }
}
