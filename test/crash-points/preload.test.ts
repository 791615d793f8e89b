import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send } from '../chaos/load/http-client.ts';
import { lastingPort } from '../chaos/system/ports.ts';
import { rows } from '../support/rows.ts';
import { aSubmission, ORGANIZATION_A } from '../support/submissions.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { TOKEN_SECRET, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';
import { ArmedProcess } from './armed-process.ts';
import type { PointName } from './points.ts';

/*
 * Each point is where it says: what stands in the stores when the process is dead.
 */

const BATCH = 4;

let fleet: WorkerFleet;
let folder: string;

beforeEach(async () => {
  folder = await makeTempFolder('crash-points');
  fleet = await openWorkerFleet({ lanes: 1 });
});

afterEach(async () => {
  await fleet.close();
  await removeTempFolder(folder);
});

describe('a worker that dies with a batch of four', { timeout: 60_000 }, () => {
  it.each<[PointName, number, Awaited<ReturnType<typeof stored>>]>([
    ['before-begin', 1, { issues: 0, completed: 0, left: 4 }],
    ['after-begin', 1, { issues: 0, completed: 0, left: 4 }],
    ['in-the-flush', 1, { issues: 0, completed: 0, left: 4 }],
    ['after-flush', 1, { issues: 0, completed: 0, left: 4 }],
    ['before-commit', 1, { issues: 0, completed: 0, left: 4 }],
    ['after-commit-sent', 1, { issues: 4, completed: 0, left: 4 }],
    ['after-commit', 1, { issues: 4, completed: 0, left: 4 }],
    ['news-sent', 1, { issues: 4, completed: 0, left: 4 }],
    ['before-finish', 1, { issues: 4, completed: 0, left: 4 }],
    ['between-followers', 1, { issues: 4, completed: 1, left: 3 }],
    ['between-followers', 3, { issues: 4, completed: 3, left: 1 }],
    ['after-last', 1, { issues: 4, completed: 4, left: 0 }],
  ])('%s, at passing %i', async (point, nth, expected) => {
    const worker = await startArmed('worker', point, nth);

    await acceptBatch();

    await worker.ended;
    expect(worker.hasFired).toBe(true);
    // The server ends a transaction, and carries out what was sent, in a moment.
    await waitFor(async () => (await backendsAtWork()) === 0);
    expect(await stored()).toEqual(expected);
  });
});

describe('an API that dies with a submission', { timeout: 60_000 }, () => {
  it.each<[PointName, number, number | undefined]>([
    ['before-add', 0, undefined],
    ['after-add-sent', 1, undefined],
    ['after-add', 1, undefined],
    ['before-answer', 1, undefined],
    ['after-answer', 1, 202],
  ])('%s', async (point, left, status) => {
    const port = await lastingPort();
    const api = await startArmed('api', point, 1, { PORT: String(port), JWT_SECRET: TOKEN_SECRET });

    const answer = await send({
      method: 'POST',
      url: `http://127.0.0.1:${port}/api/client/issues/raise`,
      headers: { authorization: `Bearer ${await tokenOf('ann')}`, 'idempotency-key': 'a' },
      body: { organizationId: ORGANIZATION_A, title: 'The tap drips' },
      patienceMs: 10_000,
    });

    await api.ended;
    expect(api.hasFired).toBe(true);
    expect({ left: (await stored()).left, status: answer?.status }).toEqual({ left, status });
  });
});

async function startArmed(
  role: 'api' | 'worker',
  point: PointName,
  nth: number,
  environment: Record<string, string> = {},
): Promise<ArmedProcess> {
  const { databaseUrl: DATABASE_URL, queueUrl: QUEUE_URL } = fleet;
  const common = { DATABASE_URL, QUEUE_URL, LANES: '1' };
  const started = await ArmedProcess.start({ role, folder, environment: { ...common, ...environment } });
  await started.arm({ point, nth, afterMs: 0 });
  return started;
}

/** All at once, so that they are one batch. */
async function acceptBatch(): Promise<void> {
  const [lane] = fleet.intake.queues;
  await lane?.pause();
  for (let n = 0; n < BATCH; n++) await fleet.intake.accept(aSubmission({ userId: `user-${n}` }));
  await lane?.resume();
}

async function stored(): Promise<{ issues: number; completed: number; left: number }> {
  const [lane] = fleet.intake.queues;
  return {
    issues: await fleet.issues(),
    completed: (await lane?.getJobCountByTypes('completed')) ?? 0,
    left: await fleet.unfinished(),
  };
}

async function backendsAtWork(): Promise<number> {
  const atWork = await rows(
    fleet.databaseUrl,
    `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  return atWork.length;
}
