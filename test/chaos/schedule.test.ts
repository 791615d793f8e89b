import { expect, test } from 'vitest';
import { FAULTS } from './faults/index.ts';
import { schedule } from './schedule.ts';

const MINUTE = 60_000;
const options = { seed: 7, totalMs: 20 * MINUTE, faults: FAULTS, together: 3 };

test('the same seed, time and faults give the same schedule', () => {
  expect(schedule(options)).toEqual(schedule({ ...options }));
});

test('another seed gives another order', () => {
  const order = (seed: number) => schedule({ ...options, seed }).map(({ fault }) => fault);

  expect(order(7)).not.toEqual(order(8));
});

test('in 20 minutes every fault strikes at least five times, for as long as it should', () => {
  const planned = schedule(options);

  for (const { name, durationMs } of FAULTS) {
    const strikes = planned.filter(({ fault }) => fault === name);
    expect(strikes.length).toBeGreaterThanOrEqual(5);
    for (const strike of strikes) expect(strike.durationMs).toBeGreaterThanOrEqual(0.7 * durationMs);
  }
});

test('in a minute every fault strikes once', () => {
  const planned = schedule({ ...options, totalMs: MINUTE, together: 5 });

  expect(planned.map(({ fault }) => fault).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
});

test.each([3, 11, 4711])('two faults never strike the same part of the system at once (seed %i)', seed => {
  const targets = new Map(FAULTS.map(({ name, target }) => [name, target]));
  const byTarget = Map.groupBy(schedule({ ...options, seed }), ({ fault }) => targets.get(fault));

  for (const planned of byTarget.values()) {
    planned.slice(1).forEach((next, index) => {
      const before = planned[index];
      expect(next.at).toBeGreaterThanOrEqual((before?.at ?? 0) + (before?.durationMs ?? 0));
    });
  }
});

test('there are pauses without any fault', () => {
  const planned = schedule(options);
  const isQuietBefore = planned.map(({ at }, index) =>
    planned.slice(0, index).every(before => before.at + before.durationMs < at),
  );

  expect(isQuietBefore.filter(Boolean).length).toBeGreaterThan(20);
});
