import { defineConfig } from 'vitest/config';

const [major] = process.versions.node.split('.');
if (major !== '24') {
  throw new Error(
    `the tests run on the pinned Node 24, not ${process.version}; use "npm test" or "npm run test:unit"`,
  );
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Each test file also keeps a PostgreSQL and a Redis busy; more would only slow one another down.
    maxWorkers: 2,
    testTimeout: 20_000,
    // Starting servers of a test's own counts as a hook; give it the same limit as a test.
    hookTimeout: 20_000,
  },
});
