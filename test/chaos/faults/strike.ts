import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../src/errors.ts';
import { seededRandom } from '../random.ts';
import type { Planned } from '../schedule.ts';
import type { Fault, Struck } from './fault.ts';

/** A fault that struck, or did not. Times are milliseconds since 1970. */
export interface Strike {
  readonly fault: string;
  readonly injectedAt: number;
  healedAt?: number;
  /** Why it could not be injected here. */
  skipped?: string;
  /** What did not go as it has to: a fault that could not be put right, a system that did not get well. */
  problem?: string;
}

export interface StrikeAllOptions extends Omit<Struck, 'random'> {
  readonly planned: readonly Planned[];
  readonly faults: readonly Fault[];
  /** Each strike as soon as it begins; it is completed later. */
  readonly onStrike: (strike: Strike) => void;
  /** Aborts when the run is to end early: nothing more strikes, and what is broken is put right. */
  readonly signal: AbortSignal;
}

/** Injects and heals each fault in its time. Resolves when all are healed. */
export async function strikeAll({ planned, faults, ...options }: StrikeAllOptions): Promise<void> {
  const began = Date.now();
  /** The last strike at each part of the system: one that takes long to heal holds the next up. */
  const last = new Map<string, Promise<void>>();
  await Promise.all(
    planned.map(async plan => {
      const fault = faults.find(({ name }) => name === plan.fault);
      if (fault === undefined || !(await wait(plan.at - (Date.now() - began), options.signal))) return;
      const before = last.get(fault.target);
      const strike = (async () => {
        await before;
        if (!options.signal.aborted) await strikeOnce(fault, plan, options);
      })();
      last.set(fault.target, strike);
      await strike;
    }),
  );
}

async function strikeOnce(
  fault: Fault,
  plan: Planned,
  { onStrike, signal, ...struck }: Omit<StrikeAllOptions, 'planned' | 'faults'>,
): Promise<void> {
  const strike: Strike = { fault: fault.name, injectedAt: Date.now() };
  onStrike(strike);
  const skipped = fault.unavailable?.(struck.system);
  if (skipped !== undefined) {
    strike.skipped = skipped;
    return;
  }
  try {
    const heal = await fault.inject({ ...struck, random: seededRandom(plan.seed) });
    await wait(plan.durationMs, signal);
    strike.healedAt = Date.now();
    await heal();
  } catch (error) {
    strike.problem = messageOf(error);
  }
}

/** @returns false when the run ended meanwhile */
async function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return sleep(Math.max(0, ms), true, { signal }).catch(() => false);
}
