import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const [major] = process.versions.node.split('.');
if (major !== '24') {
  throw new Error(
    `the tests run on the pinned Node 24, not ${process.version}; use "npm test" or "npm run test:unit"`,
  );
}

/** The fault suite's short form: every fault once. It wants the machine to itself, so it comes last. */
const FAULTS = ['test/chaos/chaos.test.ts'];

/** Minutes long, with many processes: `npm run test:fire` runs them. */
const UNDER_FIRE = [
  'test/crash-points/crash-points.test.ts',
  'test/crash-points/preload.test.ts',
  'test/figures/fleet-history.test.ts',
  'test/import/at-work.test.ts',
  'test/redis-cluster.test.ts',
  'test/resize/under-load.test.ts',
  'test/restore/restore.test.ts',
  'test/rolling-upgrade/rolling-upgrade.test.ts',
  'test/webhooks/redis-cluster.test.ts',
  'test/webhooks/ten-thousand.test.ts',
];

/** Most of a test is waiting: for a lock to run out, for an outage to be noticed, for a process to start. */
const AT_ONCE = 5;

/** Half a minute and more each, mostly of waiting: the others are done meanwhile. The longest first. */
const LONG = [
  'test/outages/redis.test.ts',
  'test/web/page-in-trouble.test.ts',
  'test/web/admin-page.test.ts',
  'test/waiting-start.test.ts',
  'test/api/submission-events.test.ts',
  'test/outages/postgres.test.ts',
  'test/resize/command.test.ts',
  'test/workers/watchdog.test.ts',
  'test/workers/fleet-processes.test.ts',
  'test/workers/refusals.test.ts',
  'test/redrive.test.ts',
  'test/workers/concurrency.test.ts',
];

/** Vitest knows how long a file takes when it has run it before, and not on a fresh clone. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex(name => moduleId.endsWith(name));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

const test = {
  globalSetup: 'test/support/global-setup.ts',
  pool: 'forks' as const,
  // Of what happens, `waitFor` says sooner what is missing. These are for what hangs by itself.
  testTimeout: 240_000,
  hookTimeout: 240_000,
};

const parts = {
  ...test,
  name: 'parts',
  include: ['test/**/*.test.ts'],
  exclude: [...FAULTS, ...UNDER_FIRE],
  maxWorkers: AT_ONCE,
  sequence: { groupOrder: 0 },
};
const faults = { ...test, name: 'faults', include: FAULTS, maxWorkers: 1, sequence: { groupOrder: 1 } };
const underFire = { ...test, name: 'under fire', include: UNDER_FIRE, maxWorkers: 2 };

const projects = process.env.UNDER_FIRE === '1' ? [underFire] : [parts, faults];

export default defineConfig({
  test: { projects: projects.map(each => ({ test: each })), sequence: { sequencer: LongFirst } },
});
