import type { Supervised } from './supervised.ts';
import type { System } from './system.ts';
import { untilSo } from './until.ts';

/** Resolves when every process is ready, without any help of ours. @throws after `withinMs`, naming one that is not */
export async function untilReady(system: System, withinMs: number): Promise<void> {
  await Promise.all([
    ...system.addresses.map(address => untilSo(`${address} is ready`, () => isReady(address), withinMs)),
    ...system.workers.map(worker => untilSo(`${worker.name} runs lanes`, () => runsLanes(worker), withinMs)),
  ]);
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(5000) });
  await response.body?.cancel();
  return response.status === 200;
}

/** By the newest line of its log that says which. */
async function runsLanes(worker: Supervised): Promise<boolean> {
  const log = await worker.log();
  const line = log.split('\n').findLast(each => each.includes('"running these lanes"'));
  return line !== undefined && !line.includes('"lanes":[]');
}
