import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { familyCpuSeconds } from './processor-time.ts';

const TICKS_PER_SECOND = 100;

/**
 * Watches who uses the processor. Figures of a machine that did something else
 * meanwhile mean little, and this tells.
 *
 * @returns ends it, and answers which part of the machine's time went to programs that are not ours, in percent
 */
export function watchProcessor(postmaster: number): () => number {
  const before = now(postmaster);
  return () => {
    const after = now(postmaster);
    const others = after.busy - before.busy - (after.ours - before.ours);
    return Math.max(0, (100 * others) / (((after.at - before.at) / 1000) * os.cpus().length));
  };
}

/** Ours are this process and its children, those that ended and those that run, and PostgreSQL, which is a daemon. */
function now(postmaster: number) {
  return {
    at: performance.now(),
    busy: busySeconds(),
    ours: familyCpuSeconds(process.pid) + familyCpuSeconds(postmaster),
  };
}

/** proc(5), /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. NaN where there is no /proc. */
function busySeconds(): number {
  if (!existsSync('/proc/stat')) return Number.NaN;
  const first = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}
