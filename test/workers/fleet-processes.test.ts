import { describe, type TestContext } from 'vitest';
import { laneIndexOf } from '../../src/lanes.ts';
import type { ProductProcess } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { aSubmission } from '../support/submissions.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { untilAccepted } from '../support/until-accepted.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, shareOf, type WorkerFleet } from '../support/worker-fleet.ts';

const LANES = 16;

async function setup({ onTestFinished }: TestContext): Promise<WorkerFleet> {
  const fleet = await openWorkerFleet({ lanes: LANES });
  onTestFinished(() => fleet.close());
  return fleet;
}

// They mostly wait for locks and leases to run out, so they may as well wait together.
describe.concurrent('worker processes', it => {
  it('share the lanes out among three, and again when one leaves and one dies', async context => {
    const fleet = await setup(context);
    const [one, two, three] = [
      await fleet.startWorker(),
      await fleet.startWorker(),
      await fleet.startWorker(),
    ];

    await waitFor(() => isShared([one, two, three]));
    await everyLaneWorks(fleet);

    await two.end('SIGTERM');
    await waitFor(() => isShared([one, three]));
    await everyLaneWorks(fleet);

    await three.end('SIGKILL');
    await waitFor(() => isShared([one]));
    await everyLaneWorks(fleet);
  });

  it('take up the lanes of one that is stopped, and give them back when it goes on', async context => {
    const fleet = await setup(context);
    const [one, two] = [await fleet.startWorker(), await fleet.startWorker()];
    await waitFor(() => isShared([one, two]));

    two.child.kill('SIGSTOP');
    await waitFor(() => shareOf(one).length === LANES);
    await everyLaneWorks(fleet);

    two.child.kill('SIGCONT');
    await waitFor(() => isShared([one, two]));
    await everyLaneWorks(fleet);
  });

  it.for(['cut', 'freeze'] as const)(
    'take up the lanes of one cut off from the database (%s)',
    async (trouble, context) => {
      const fleet = await setup(context);
      const proxy = await openTcpProxy(fleet.databaseUrl);
      context.onTestFinished(() => proxy.close());
      const [one, two] = [await fleet.startWorker(), await fleet.startWorker({ DATABASE_URL: proxy.url })];
      await waitFor(() => isShared([one, two]));

      proxy[trouble]();
      await everyLaneWorks(fleet);
      await waitFor(() => isShared([one]));

      proxy.mend();
      await waitFor(() => isShared([one, two]));
      await everyLaneWorks(fleet);
    },
  );
});

/** Whether every lane is run by exactly one of the processes, and none has more than its part. */
function isShared(workers: readonly ProductProcess[]): boolean {
  const shares = workers.map(shareOf);
  const mostLanes = Math.ceil(LANES / workers.length);
  const all = shares.flat();
  return (
    new Set(all).size === LANES && all.length === LANES && shares.every(share => share.length <= mostLanes)
  );
}

/** Raises an issue on each lane and sees it applied. */
async function everyLaneWorks({ databaseUrl, intake }: WorkerFleet): Promise<void> {
  const submissions = oneUserOnEachLane().map(userId => aSubmission({ userId }));
  await Promise.all(submissions.map(submission => untilAccepted(intake, submission)));
  const ids = submissions.map(({ id }) => `'${id}'`).join();
  const applied = () => rows(databaseUrl, `select 1 from issues where id in (${ids})`);
  await waitFor(async () => (await applied()).length === LANES);
}

function oneUserOnEachLane(): string[] {
  const users = new Map<number, string>();
  for (let n = 0; users.size < LANES; n++) users.set(laneIndexOf(`user-${n}`, LANES), `user-${n}`);
  return [...users.values()];
}
