import { migrate } from '../../../src/database.ts';
import { reapAfterDeath } from '../../support/reaper.ts';
import { openTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.ts';
import { TOKEN_SECRET } from '../../support/tokens.ts';
import { type Clock, movableClock } from './clock.ts';
import { lastingPort } from './ports.ts';
import { type PostgresUnderTest, startPostgres } from './postgres.ts';
import { type RedisUnderTest, startRedis } from './redis.ts';
import { pidFileOf, Supervised } from './supervised.ts';

/** The whole product as real processes, on stores of its own, with a network that can be troubled. */
export interface System {
  readonly lanes: number;
  readonly redis: RedisUnderTest;
  readonly postgres: PostgresUnderTest;
  readonly apis: readonly Supervised[];
  readonly workers: readonly Supervised[];
  /** Where the APIs listen. */
  readonly addresses: readonly string[];
  /** The network between each API and Redis. */
  readonly apiToRedis: readonly TcpProxy[];
  /** The network between each worker and PostgreSQL. */
  readonly workerToPostgres: readonly TcpProxy[];
  /** The clock of the first API and the first worker; undefined where it cannot be moved. */
  readonly clock: Clock | undefined;
  /** With the logs of all processes. */
  readonly folder: string;
  close(): Promise<void>;
}

export interface SystemSize {
  readonly lanes: number;
  readonly apis: number;
  readonly workers: number;
}

export async function startSystem({ lanes, apis, workers }: SystemSize): Promise<System> {
  const names = [...numbered('api', apis), ...numbered('worker', workers)];
  const folder = await makeTempFolder('chaos');
  const closes: (() => Promise<unknown>)[] = [() => removeTempFolder(folder)];
  const close = async () => {
    for (const each of closes.splice(0).reverse()) await each();
  };
  try {
    const endWatch = reapAfterDeath(folder, names.map(pidFileOf));
    closes.push(async () => endWatch());
    const redis = await startRedis();
    closes.push(redis.stop);
    const postgres = await startPostgres();
    closes.push(postgres.stop);
    await migrate(postgres.url);

    const clock = movableClock(folder);
    const common = { JWT_SECRET: TOKEN_SECRET, LANES: String(lanes), HOST: '127.0.0.1' };
    const start = (name: string, role: 'api' | 'worker', environment: Record<string, string>) => {
      const moves = name.endsWith('-1') ? clock?.environment : {};
      const process = new Supervised({
        name,
        role,
        folder,
        environment: { ...common, ...environment, ...moves },
      });
      closes.push(() => process.close());
      return process;
    };
    const proxied = async (count: number, url: string) => {
      const proxies = await Promise.all(Array.from({ length: count }, () => openTcpProxy(url)));
      closes.push(() => Promise.all(proxies.map(proxy => proxy.close())));
      return proxies;
    };
    const apiToRedis = await proxied(apis, redis.url);
    const workerToPostgres = await proxied(workers, postgres.url);
    const ports = await Promise.all(apiToRedis.map(lastingPort));

    return {
      lanes,
      redis,
      postgres,
      apiToRedis,
      workerToPostgres,
      clock,
      folder,
      addresses: ports.map(port => `http://127.0.0.1:${port}`),
      apis: apiToRedis.map((proxy, index) =>
        start(`api-${index + 1}`, 'api', {
          DATABASE_URL: postgres.url,
          QUEUE_URL: proxy.url,
          PORT: String(ports[index]),
        }),
      ),
      workers: workerToPostgres.map((proxy, index) =>
        start(`worker-${index + 1}`, 'worker', { DATABASE_URL: proxy.url, QUEUE_URL: redis.url }),
      ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}
