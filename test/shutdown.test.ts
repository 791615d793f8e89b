import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { startProduct } from './support/product-process.ts';
import { rows } from './support/rows.ts';
import { aSubmission } from './support/submissions.ts';
import { TOKEN_SECRET, tokenOf } from './support/tokens.ts';
import { waitFor } from './support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from './support/worker-fleet.ts';

const LANES = 2;

let fleet: WorkerFleet;
afterEach(() => fleet.close());

it('lets a worker finish its unit of work, and a second signal not', async () => {
  fleet = await openWorkerFleet({ lanes: LANES });
  const worker = await fleet.startWorker();
  const lock = await lockProfiles(fleet.databaseUrl);
  await fleet.intake.accept(aSubmission());
  await lock.isWaitedFor();

  worker.child.kill('SIGTERM');
  await worker.line(line => line.includes('closing'));
  await lock.release();
  expect(await worker.ended).toBe(0);
  expect(await fleet.issues()).toBe(1);

  const impatient = await fleet.startWorker();
  const again = await lockProfiles(fleet.databaseUrl);
  await fleet.intake.accept(aSubmission());
  await again.isWaitedFor();
  impatient.child.kill('SIGTERM');
  await impatient.line(line => line.includes('closing'));
  // npm repeats a Ctrl-C at once, so two signals that close together count as one.
  await sleep(400);
  impatient.child.kill('SIGTERM');
  expect(await impatient.ended).toBe(1);
  await again.release();
});

it('answers what an API has begun, and then ends', async () => {
  fleet = await openWorkerFleet({ lanes: LANES });
  const api = startProduct('api', {
    DATABASE_URL: fleet.databaseUrl,
    QUEUE_URL: fleet.queueUrl,
    LANES: String(LANES),
    PORT: '0',
    JWT_SECRET: TOKEN_SECRET,
  });
  const { address } = JSON.parse(await api.line(line => line.includes('"listening"')));
  const { userId, organizationId, title } = aSubmission();
  // Nobody applies it: the request waits until its patience ends.
  const request = fetch(`${address}/api/client/issues/raise`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenOf(userId)}`,
      'content-type': 'application/json',
      prefer: 'wait=2',
    },
    body: JSON.stringify({ organizationId, title }),
  });
  await waitFor(async () => (await fleet.unfinished()) === 1);

  const code = api.end('SIGTERM');

  expect((await request).status).toBe(202);
  expect(await code).toBe(0);
  await expect(fetch(`${address}/healthz`)).rejects.toThrow();
});

/** Holds a lock that every unit of work needs, as a migration or an administrator may. */
async function lockProfiles(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('lock table user_profiles');
  return {
    async isWaitedFor() {
      // On a connection of its own: inside a transaction the server shows the same picture again and again.
      const waiting = `select 1 from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'`;
      await waitFor(async () => (await rows(url, waiting)).length > 0);
    },
    async release() {
      await client.query('commit');
      await client.end();
    },
  };
}
