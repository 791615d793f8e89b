import { expect, test } from 'vitest';
import { FAULTS } from './faults/index.ts';
import { runChaos } from './run-chaos.ts';

/** The short form of `npm run chaos`. Nothing here depends on how fast anything is. */
test('nothing accepted is lost, doubled or reordered, whatever strikes', { timeout: 600_000 }, async () => {
  const seed = Number(process.env.CHAOS_SEED ?? 1 + Math.floor(Math.random() * 1e6));
  console.log(`chaos with seed ${seed}; to repeat it: CHAOS_SEED=${seed}`);

  const report = await runChaos(
    { minutes: 1, seed, faults: undefined, users: 60, perSecond: 30, lanes: 8, together: 5 },
    { onProgress: () => {}, signal: AbortSignal.timeout(590_000) },
  );

  if (report.wrong.length > 0) console.log(report.audit.histories);
  expect(report.wrong).toEqual([]);
  expect(report.totals.accepted).toBeGreaterThan(0);
  expect(new Set(report.strikes.map(({ fault }) => fault)).size).toBe(FAULTS.length);
});
