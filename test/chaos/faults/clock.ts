import type { Fault } from './fault.ts';

export const CLOCK_FAULTS: readonly Fault[] = [
  {
    name: 'clock-jump',
    title: 'the clock of one API and one worker jumps by an hour, and back',
    target: 'clock',
    durationMs: 15_000,
    leastMs: 3000,
    unavailable: ({ clock }) => (clock === undefined ? 'libfaketime is not installed' : undefined),
    async inject({ system, random }) {
      system.clock?.jump(random.pick([1, -1]));
      return async () => system.clock?.jump(0);
    },
  },
];
