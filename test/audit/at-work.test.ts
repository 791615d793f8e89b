import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { openDatabase } from '../../src/database.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import type { StoreKind } from '../support/system.ts';
import { untilAccepted } from '../support/until-accepted.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';

const LANES = 4;
const USERS = Array.from({ length: 20 }, (_, n) => `user-${n}`);
const EACH = 50;
const STORES: StoreKind[] = ['redis', 'postgres'];

let fleet: WorkerFleet;
afterEach(() => fleet.close());

it.for(STORES)('finds nothing wrong with a system at work, on the %s store', async kind => {
  fleet = await openWorkerFleet({ lanes: LANES, store: kind });
  const store = openQueueStore({ url: fleet.queueUrl, role: 'producer', log: pino({ level: 'silent' }) });
  await waitFor(() =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
  const orm = openDatabase(fleet.databaseUrl, { poolSize: 1 });
  const options = { store, orm, lanes: LANES, clockSkewMs: 1e12, againAfterMs: 500 };
  const workers = [await fleet.startWorker(), await fleet.startWorker()];
  await waitFor(() => workers.length === 2);

  let over = false;
  const raising = Promise.all(USERS.map(userId => raiseInSequence(userId))).finally(() => {
    over = true;
  });
  const found = [];
  do found.push(await audit(options));
  while (!over);
  await raising;

  expect(found.flatMap(({ checks }) => checks.filter(({ count }) => count > 0))).toEqual([]);
  await store.close();
  await orm.close();
});

async function raiseInSequence(userId: string): Promise<void> {
  for (let n = 0; n < EACH; n++) {
    const submission = aSubmission({ userId, organizationId: n % 3 ? ORGANIZATION_A : ORGANIZATION_B });
    await untilAccepted(fleet.intake, submission);
  }
}
