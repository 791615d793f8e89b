import { flushAll, isRestored } from '../system/lane-keys.ts';
import { untilSo, untilWorks } from '../system/until.ts';
import { type Fault, NOTHING_TO_HEAL } from './fault.ts';

const target = 'redis';

export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis-kill',
    title: '`kill -9` of Redis',
    target,
    durationMs: 0,
    leastMs: 0,
    async inject({ system }) {
      await untilWorks(() => system.redis.control.ping());
      await system.redis.kill();
      return NOTHING_TO_HEAL;
    },
  },
  {
    name: 'redis-full-memory',
    title: 'Redis refuses writes (`maxmemory` reached, `noeviction`)',
    target,
    durationMs: 8000,
    leastMs: 2000,
    async inject({ system }) {
      await untilWorks(() => system.redis.control.config('SET', 'maxmemory', '1mb'));
      return async () => {
        await untilWorks(() => system.redis.control.config('SET', 'maxmemory', '0'));
      };
    },
  },
  {
    name: 'redis-freeze',
    title: 'Redis frozen (SIGSTOP)',
    target,
    durationMs: 20_000,
    leastMs: 3000,
    async inject({ system }) {
      // It may just be on its way back from the last fault.
      await untilWorks(() => system.redis.control.ping());
      const go = system.redis.freeze();
      return async () => go();
    },
  },
  {
    name: 'redis-flush',
    title: '`FLUSHALL`',
    target,
    durationMs: 0,
    leastMs: 0,
    async inject({ system, onFlush }) {
      const { redis } = system;
      onFlush(await untilWorks(() => flushAll(redis.control)));
      const restored = () => isRestored(redis.control);
      return () => untilSo('number of lanes and global concurrency are in Redis again', restored);
    },
  },
  {
    name: 'redis-disk-full',
    title: 'the disk under Redis full',
    target,
    durationMs: 8000,
    leastMs: 2000,
    unavailable: ({ redis }) => (redis.disk.fill === undefined ? 'no disk may be mounted here' : undefined),
    async inject({ system }) {
      const { disk } = system.redis;
      await disk.fill?.();
      return () => disk.free();
    },
  },
];
