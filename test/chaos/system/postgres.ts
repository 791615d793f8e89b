import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/embedded-postgres.ts';
import { type Disk, makeDisk } from './disk.ts';
import { lastingPort } from './ports.ts';
import { watchAlive } from './watch-alive.ts';

const DISK_MEGABYTES = 768;
const PID_FILE = 'data/cluster/postmaster.pid';

const SETTINGS = {
  fsync: 'on',
  max_connections: '90',
  shared_buffers: '64MB',
  // Little, because it lies on a small disk.
  max_wal_size: '96MB',
  min_wal_size: '32MB',
};

/** A PostgreSQL that is started again whenever it is down. */
export interface PostgresUnderTest {
  readonly url: string;
  readonly disk: Disk;
  /** What `pg_ctl stop -m immediate` does: every process of the server ends at once, without a checkpoint. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresUnderTest> {
  const disk = await makeDisk('chaos-postgres', DISK_MEGABYTES, [PID_FILE]);
  const port = await lastingPort();
  const start = () =>
    startEmbeddedPostgres({ dataDir: path.join(disk.folder, 'data'), port, settings: SETTINGS });
  let server: EmbeddedPostgres;
  try {
    server = await start();
  } catch (error) {
    await disk.remove();
    throw error;
  }
  const pid = async () => Number.parseInt(await readFile(path.join(disk.folder, PID_FILE), 'utf8'), 10);
  const endWatch = watchAlive(pid, async () => {
    // Gives the data free; the server itself is gone.
    await server.stop();
    server = await start();
  });
  return {
    url: server.url,
    disk,
    async crash() {
      process.kill(await pid(), 'SIGQUIT');
    },
    async stop() {
      await endWatch();
      await server.stop();
      await disk.remove();
    },
  };
}
