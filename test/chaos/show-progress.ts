import type { Standing } from './report/progress.ts';
import type { Work } from './run-chaos.ts';

const SHOW_EVERY_MS = 500;

/** Tells twice a second how a run stands. @returns changes the phase, and ends it */
export function showProgress(work: Work, totalMs: number, show: (standing: Standing) => void) {
  const began = Date.now();
  let phase = 'under fire';
  const tell = () => {
    const { ledger, load, strikes, watch } = work;
    const last = watch.samples.at(-1);
    const isActive = (strike: (typeof strikes)[number]) =>
      strike.healedAt === undefined && strike.skipped === undefined && strike.problem === undefined;
    show({
      elapsedMs: Date.now() - began,
      totalMs,
      phase,
      accepted: ledger.accepted,
      applied: last?.applied,
      backlog: last?.backlog,
      ...load.counts,
      active: strikes.filter(isActive).map(({ fault }) => fault),
    });
  };
  const timer = setInterval(tell, SHOW_EVERY_MS);
  return {
    phase(next: string) {
      phase = next;
    },
    end: () => clearInterval(timer),
  };
}
