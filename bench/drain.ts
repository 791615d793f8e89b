import { setTimeout as sleep } from 'node:timers/promises';
import type { Backlog } from './backlog.ts';
import type { Child } from './system/child.ts';
import { cpuSeconds, familyCpuSeconds } from './system/processor-time.ts';
import type { Services } from './system/services.ts';

const LOOK_EVERY_MS = 50;
const STUCK_MS = 20_000;

export interface DrainLimits {
  /** Not counted: until then the process starts, and the machine warms to it. */
  readonly warmUp: number;
  /** The clock stops when nothing is left, or after this long. */
  readonly seconds: number;
  /** Slows the polling of a store whose counting costs more. */
  readonly lookEveryMs?: number;
}

export interface Drained {
  readonly perSecond: number;
  /** CPU seconds per submission. */
  readonly cpu: { readonly workers: number; readonly redis: number; readonly postgres: number };
}

/**
 * Watches `workers` empty a backlog of `queued`. The clock runs from when
 * `warmUp` are finished, the same for every system: so starting a process does
 * not count, and what counts is finished, not begun.
 */
export async function drain(
  backlog: Backlog,
  queued: number,
  workers: readonly Child[],
  services: Services,
  { warmUp, seconds, lookEveryMs = LOOK_EVERY_MS }: DrainLimits,
): Promise<Drained> {
  let remaining = queued;
  let moved = performance.now();
  const look = async () => {
    for (const worker of workers) worker.expectAlive();
    await sleep(lookEveryMs);
    const now = await backlog.remaining();
    if (now !== remaining) moved = performance.now();
    if (performance.now() - moved > STUCK_MS) {
      throw new Error(`nothing is finished any more:\n${workers[0]?.output().slice(-1000)}`);
    }
    return now;
  };

  while (remaining > queued - warmUp) remaining = await look();
  const before = { at: performance.now(), remaining, cpu: cpuNow(workers, services) };

  while (remaining > 0 && performance.now() - before.at < seconds * 1000) remaining = await look();
  const elapsed = (performance.now() - before.at) / 1000;
  const finished = before.remaining - remaining;
  const after = cpuNow(workers, services);
  return {
    perSecond: finished / elapsed,
    cpu: {
      workers: (after.workers - before.cpu.workers) / finished,
      redis: (after.redis - before.cpu.redis) / finished,
      postgres: (after.postgres - before.cpu.postgres) / finished,
    },
  };
}

function cpuNow(workers: readonly Child[], { redisPid, postgresPid }: Services) {
  return {
    workers: workers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    redis: cpuSeconds(redisPid),
    postgres: familyCpuSeconds(postgresPid),
  };
}
