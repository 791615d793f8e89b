import { Redis } from 'ioredis';
import { type RedisServer, startRedis as startServer } from '../../support/redis-server.ts';
import { type Disk, makeDisk } from './disk.ts';
import { lastingPort } from './ports.ts';
import { watchAlive } from './watch-alive.ts';

const DISK_MEGABYTES = 256;

/** A Redis with an append-only file that is started again whenever it is down. */
export interface RedisUnderTest {
  readonly url: string;
  readonly disk: Disk;
  /** A connection of the suite's own, which no fault of the network troubles. Fails at once when Redis is away. */
  readonly control: Redis;
  kill(): Promise<void>;
  /** SIGSTOP. @returns continues it */
  freeze(): () => void;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisUnderTest> {
  const disk = await makeDisk('chaos-redis', DISK_MEGABYTES, []);
  let server: RedisServer;
  try {
    server = await startServer({
      appendonly: true,
      port: await lastingPort(),
      args: ['--dir', disk.folder],
    });
  } catch (error) {
    await disk.remove();
    throw error;
  }
  const control = new Redis(server.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  control.on('error', () => {});
  const endWatch = watchAlive(async () => server.pid, server.restart);
  return {
    url: server.url,
    disk,
    control,
    kill: server.kill,
    freeze() {
      const { pid } = server;
      process.kill(pid, 'SIGSTOP');
      return () => {
        // The same process still: one that is stopped does not end, and nothing else strikes Redis meanwhile.
        process.kill(pid, 'SIGCONT');
      };
    },
    async stop() {
      await endWatch();
      control.disconnect();
      await server.stop();
      await disk.remove();
    },
  };
}
