import { readFileSync } from 'node:fs';

/*
 * What processes use, from /proc (Linux; elsewhere the figures are NaN and
 * shown as a dash).
 */

const TICKS_PER_SECOND = 100;
const KILOBYTE = 1024;

/** CPU seconds that a process has used so far, and with it the children it has waited for. */
export function cpuSeconds(pid: number): number {
  return sum(statFields(pid).slice(11, 15)) / TICKS_PER_SECOND;
}

/**
 * The same with the children that still run: so this is all that a PostgreSQL
 * server has used, whose backends come and go, by the number of its postmaster.
 */
export function familyCpuSeconds(pid: number): number {
  return cpuSeconds(pid) + sum(childrenOf(pid).map(child => cpuSeconds(child) || 0));
}

/** Resident bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes) * KILOBYTE;
}

/** Those behind the name, which may hold spaces: the first is field 3 of proc(5). */
function statFields(pid: number): number[] {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === '') return [Number.NaN, ...Array(20).fill(Number.NaN)];
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
