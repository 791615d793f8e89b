import { afterEach, expect, it } from 'vitest';
import { laneIndexOf } from '../../src/lanes.ts';
import type { ProductProcess } from '../support/product-process.ts';
import { aSubmission } from '../support/submissions.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, shareOf, type WorkerFleet } from '../support/worker-fleet.ts';

const LANES = 16;

/** A lane whose process died is free when its lock and its lease have run out. */
const TAKEN_UP_WITHIN_MS = 15_000;

let fleet: WorkerFleet;
afterEach(() => fleet.close());

it('shares the lanes out among three processes, and again when one leaves and one dies', {
  timeout: 60_000,
}, async () => {
  fleet = await openWorkerFleet({ lanes: LANES });
  const [one, two, three] = [await fleet.startWorker(), await fleet.startWorker(), await fleet.startWorker()];

  await waitFor(() => isShared([one, two, three]));
  await everyLaneWorks();

  await two.end('SIGTERM');
  await waitFor(() => isShared([one, three]));
  await everyLaneWorks();

  await three.end('SIGKILL');
  await waitFor(() => isShared([one]), TAKEN_UP_WITHIN_MS);
  await everyLaneWorks();
});

it('takes up the lanes of a process that is stopped, and gives them back when it goes on', {
  timeout: 60_000,
}, async () => {
  fleet = await openWorkerFleet({ lanes: LANES });
  const [one, two] = [await fleet.startWorker(), await fleet.startWorker()];
  await waitFor(() => isShared([one, two]));

  two.child.kill('SIGSTOP');
  await waitFor(() => shareOf(one).length === LANES, TAKEN_UP_WITHIN_MS);
  await everyLaneWorks();

  two.child.kill('SIGCONT');
  await waitFor(() => isShared([one, two]));
  await everyLaneWorks();
});

it.for(['cut', 'freeze'] as const)(
  'takes up the lanes of a process whose way to the database is %s',
  {
    timeout: 60_000,
  },
  async (trouble, { onTestFinished }) => {
    fleet = await openWorkerFleet({ lanes: LANES });
    const proxy = await openTcpProxy(fleet.databaseUrl);
    onTestFinished(() => proxy.close());
    const [one, two] = [await fleet.startWorker(), await fleet.startWorker({ DATABASE_URL: proxy.url })];
    await waitFor(() => isShared([one, two]));

    proxy[trouble]();
    await everyLaneWorks();
    expect(isShared([one])).toBe(true);

    proxy.mend();
    await waitFor(() => isShared([one, two]));
    await everyLaneWorks();
  },
);

/** Whether every lane is run by exactly one of the processes, and none has more than its part. */
function isShared(workers: readonly ProductProcess[]): boolean {
  const shares = workers.map(shareOf);
  const mostLanes = Math.ceil(LANES / workers.length);
  return (
    new Set(shares.flat()).size === LANES &&
    shares.flat().length === LANES &&
    shares.every(share => share.length <= mostLanes)
  );
}

/** Raises an issue on each lane and sees it applied. */
async function everyLaneWorks(): Promise<void> {
  const outcomes = await Promise.all(
    oneUserOnEachLane().map(userId =>
      fleet.intake.acceptAndWait(aSubmission({ userId }), TAKEN_UP_WITHIN_MS),
    ),
  );
  expect(outcomes.map(outcome => outcome?.status)).toEqual(Array(LANES).fill('applied'));
}

function oneUserOnEachLane(): string[] {
  const users = new Map<number, string>();
  for (let n = 0; users.size < LANES; n++) users.set(laneIndexOf(`user-${n}`, LANES), `user-${n}`);
  return [...users.values()];
}
