import { expect, inject, it } from 'vitest';
import { FLEETS, planRuns } from './plan.ts';
import { POINTS } from './points.ts';
import { runCrashPoints } from './run-crash-points.ts';

/** With this seed the points whose lane has to be waited for are spread over the fleets. */
const SHORT = { seed: 8, runs: POINTS.length, points: POINTS, fleets: FLEETS.slice(0, 5) };

it('the same seed gives the same runs, and another one others', () => {
  const { seed } = SHORT;

  expect(planRuns(SHORT)).toEqual(planRuns({ ...SHORT, seed }));
  expect(planRuns(SHORT)).not.toEqual(planRuns({ ...SHORT, seed: seed + 1 }));
});

it('nothing is lost, doubled or reordered when a process dies at any of the points', async () => {
  const performed = await runCrashPoints({ ...SHORT, postgresUrl: inject('postgresUrl') });

  const wrong = performed.flatMap(({ wrong: lines, point }) => lines.map(line => `${point.name}: ${line}`));
  expect(wrong).toEqual([]);
  const fired = performed.filter(each => each.fired).map(({ point }) => point.name);
  expect(fired.sort()).toEqual(POINTS.map(({ name }) => name).sort());
}, 300_000);
