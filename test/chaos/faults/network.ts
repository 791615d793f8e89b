import type { TcpProxy } from '../../support/tcp-proxy.ts';
import type { Random } from '../random.ts';
import type { System } from '../system/system.ts';
import type { Fault } from './fault.ts';

/** Each piece of a conversation comes so much late. */
const SLOW_MS = 150;

interface Way {
  readonly name: string;
  readonly title: string;
  readonly proxies: (system: System) => readonly TcpProxy[];
}

const WAYS: readonly Way[] = [
  {
    name: 'worker-postgres',
    title: 'between worker and PostgreSQL',
    proxies: ({ workerToPostgres }) => workerToPostgres,
  },
  { name: 'api-redis', title: 'between API and Redis', proxies: ({ apiToRedis }) => apiToRedis },
];

const TROUBLES: readonly { name: string; title: string; begin: (proxy: TcpProxy) => void }[] = [
  { name: 'cut', title: 'cut', begin: proxy => proxy.cut() },
  { name: 'freeze', title: 'frozen', begin: proxy => proxy.freeze() },
  { name: 'slow', title: `slow (${SLOW_MS} ms for each piece)`, begin: proxy => proxy.slow(SLOW_MS) },
];

/** Each trouble on each way; now and then it strikes all processes, otherwise one. */
export const NETWORK_FAULTS: readonly Fault[] = WAYS.flatMap(way =>
  TROUBLES.map(
    (trouble): Fault => ({
      name: `${way.name}-${trouble.name}`,
      title: `the network ${way.title} ${trouble.title}`,
      target: way.name,
      durationMs: 10_000,
      leastMs: 2000,
      async inject({ system, random }) {
        const struck = someOf(way.proxies(system), random);
        struck.forEach(trouble.begin);
        return async () => {
          for (const proxy of struck) proxy.mend();
        };
      },
    }),
  ),
);

function someOf<T>(all: readonly T[], random: Random): readonly T[] {
  return random.chance(0.5) ? all : [random.pick(all)];
}
