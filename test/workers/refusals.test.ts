import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, type TestContext } from 'vitest';
import { openQueueStore } from '../../src/queue-store.ts';
import type { Submission } from '../../src/submission.ts';
import { rows } from '../support/rows.ts';
import { aSubmission, LANE } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';

const DYING_OWNER = fileURLToPath(new URL('../support/dying-owner.ts', import.meta.url));

const DEACTIVATE = 'update organizations set active = false';
const ACTIVATE = 'update organizations set active = true';

const STORES = ['redis', 'postgres'] as const;
type Store = (typeof STORES)[number];

/** One lane, a submission on it, and its organization inactive. */
async function setup({ onTestFinished }: TestContext, store: Store, facts: Partial<Submission> = {}) {
  const fleet = await openWorkerFleet({ lanes: LANE.of, store });
  onTestFinished(() => fleet.close());
  await rows(fleet.databaseUrl, DEACTIVATE);
  const submission = aSubmission(facts);
  await fleet.intake.accept(submission);
  return { fleet, submission };
}

/**
 * Decides the lane's next submission in a process that dies before it can finish the job. On a
 * busy machine one may be too late for its store or its lock, and changes nothing; then another does it.
 */
async function decideAndDie({ databaseUrl, queueUrl }: WorkerFleet): Promise<void> {
  const args = [DYING_OWNER, databaseUrl, queueUrl, `${LANE.index}`, `${LANE.of}`];
  await waitFor(async () => {
    const [, signal] = await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
    return signal === 'SIGKILL';
  });
}

/** Takes the next job and gives it back, as a process does that is told to stop while it waits. */
async function takeAndGiveBack({ queueUrl }: WorkerFleet): Promise<void> {
  const store = openQueueStore({ url: queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
  const consumer = store.openConsumer(LANE);
  await consumer.claim();
  await consumer.giveBack(await waitFor(() => consumer.next()));
  await consumer.close();
  await store.close();
}

/** Undefined where a busy store has not answered in time. */
async function answered<T>(asked: Promise<T> | undefined): Promise<T | undefined> {
  return asked?.catch(() => undefined);
}

async function jobOf({ intake }: WorkerFleet, { id }: Submission) {
  return waitFor(() => answered(intake.queues[0]?.getJob(id)));
}

async function failed(fleet: WorkerFleet, submission: Submission): Promise<void> {
  await waitFor(async () => answered((await jobOf(fleet, submission)).isFailed()));
}

async function ends({ databaseUrl }: WorkerFleet) {
  return rows(
    databaseUrl,
    `select (select count(*)::int from issues) issues,
            (select array_agg(code || ' ' || attempt) from refusals where applied_at is null) refusals,
            (select count(*)::int from refusals where applied_at is not null) redriven`,
  );
}

// They mostly wait for locks to run out, so they may as well wait together.
describe.concurrent('a submission that is refused', it => {
  it.for(STORES)(
    'stays rejected when its lane changes hands, and is decided anew when its job is retried, on %s',
    async (store, context) => {
      const { fleet, submission } = await setup(context, store);
      await takeAndGiveBack(fleet);
      await decideAndDie(fleet);
      await rows(fleet.databaseUrl, ACTIVATE);

      await fleet.startWorker();
      await failed(fleet, submission);
      const afterCrash = await ends(fleet);
      const { failedReason } = await jobOf(fleet, submission);
      await (await jobOf(fleet, submission)).retry('failed');
      await waitFor(async () => (await fleet.issues()) === 1);

      expect(afterCrash).toEqual([{ issues: 0, refusals: ['organization_inactive 0'], redriven: 0 }]);
      expect(failedReason).toMatch(/^organization_inactive: /);
      expect(await ends(fleet)).toEqual([{ issues: 1, refusals: null, redriven: 1 }]);
    },
  );

  it.for(STORES)(
    'has one refusal in force when it is rejected again, and that one stays, on %s',
    async (store, context) => {
      const { fleet, submission } = await setup(context, store);
      const worker = await fleet.startWorker();
      await failed(fleet, submission);
      await worker.end('SIGTERM');
      await rows(fleet.databaseUrl, 'delete from organizations where active = false');

      await (await jobOf(fleet, submission)).retry('failed');
      await decideAndDie(fleet);
      await fleet.startWorker();
      await failed(fleet, submission);

      expect(await ends(fleet)).toEqual([{ issues: 0, refusals: ['organization_not_found 1'], redriven: 0 }]);
    },
  );
});

describe.concurrent('on the redis store, whose jobs hold any text', it => {
  it('is kept as it was sent when it cannot be stored as an issue', async context => {
    const facts = { title: 'a\0b', description: 'half \ud800 a character', requestId: 'r1' };
    const { fleet, submission } = await setup(context, 'redis', facts);
    await rows(fleet.databaseUrl, ACTIVATE);

    await fleet.startWorker();
    await failed(fleet, submission);

    const recorded = await rows(
      fleet.databaseUrl,
      'select id, user_id, organization_id, status, code, attempt, submission, accepted_at from refusals',
    );
    const { id, userId, organizationId, acceptedAt } = submission;
    expect(recorded).toEqual([
      {
        id,
        user_id: userId,
        organization_id: organizationId,
        status: 'failed',
        code: 'unstorable',
        attempt: 0,
        submission: { userId, organizationId, ...facts },
        accepted_at: acceptedAt,
      },
    ]);
  });

  it('fails all the same when it cannot even be kept, and the lane goes on', async context => {
    const { fleet, submission } = await setup(context, 'redis', { userId: 'a\0b' });
    await rows(fleet.databaseUrl, ACTIVATE);
    await fleet.intake.accept(aSubmission());

    const worker = await fleet.startWorker();
    await failed(fleet, submission);
    await waitFor(async () => (await fleet.issues()) === 1);

    expect(await ends(fleet)).toEqual([{ issues: 1, refusals: null, redriven: 0 }]);
    await worker.line(line => line.includes('nor can its failure be recorded'));
  });
});
