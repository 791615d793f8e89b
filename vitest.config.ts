import { defineConfig } from 'vitest/config';

const [major] = process.versions.node.split('.');
if (major !== '24') {
  throw new Error(
    `the tests run on the pinned Node 24, not ${process.version}; use "npm test" or "npm run test:unit"`,
  );
}

/** Minutes long, with many processes: `npm run test:fire` runs them. */
const UNDER_FIRE = [
  'test/chaos/chaos.test.ts',
  'test/crash-points/crash-points.test.ts',
  'test/crash-points/preload.test.ts',
  'test/redis-cluster.test.ts',
];
const isUnderFire = process.env.UNDER_FIRE === '1';

export default defineConfig({
  test: {
    include: isUnderFire ? UNDER_FIRE : ['test/**/*.test.ts'],
    exclude: isUnderFire ? [] : UNDER_FIRE,
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most of a test is waiting: for a lock to run out, for an outage to be noticed, for a process to start.
    maxWorkers: 4,
    testTimeout: 20_000,
    // Starting servers of a test's own counts as a hook; give it the same limit as a test.
    hookTimeout: 20_000,
  },
});
