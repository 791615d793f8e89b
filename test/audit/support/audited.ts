import type { MikroORM } from '@mikro-orm/postgresql';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Audit, type AuditOptions, audit } from '../../../src/audit/audit.ts';
import { openDatabase } from '../../../src/database.ts';
import { openSettings } from '../../../src/epoch-records.ts';
import { Epochs } from '../../../src/epochs.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../../../src/lanes.ts';
import { JOB_NAME, type LaneQueue, openQueueStore, type QueueStore } from '../../../src/queue-store.ts';
import { dataOf, type Refused, type Submission } from '../../../src/submission.ts';
import { applyBatch } from '../../../src/workers/apply-batch.ts';
import { freshDatabase, freshRedisUrl } from '../../support/services.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B, owned } from '../../support/submissions.ts';
import type { StoreKind } from '../../support/system.ts';
import { execute } from '../../support/template-database.ts';

export const LANES = 2;

/** Stores in which two users' submissions were accepted and applied as they should be, and nobody at work. */
export interface Audited {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly store: QueueStore;
  readonly orm: MikroORM;
  readonly queues: readonly LaneQueue[];
  /** Of `u1` for A, B and A, and of `u2` for B. */
  readonly submissions: readonly [Submission, Submission, Submission, Submission];
  sql(statements: string): Promise<void>;
  /** Puts a submission on its user's lane, or on another. */
  add(submission: Submission, options?: { lane?: number; delay?: number }): Promise<void>;
  /** Takes the lane's next job and finishes it: as applied, if not otherwise said. */
  finish(submission: Submission, outcome?: Refused): Promise<void>;
  audit(options?: Partial<AuditOptions>): Promise<Audit>;
  /** How many are wrong, by check; only those where some are. */
  wrong(options?: Partial<AuditOptions>): Promise<Record<string, number>>;
}

export async function openAudited(kind: StoreKind = 'redis'): Promise<Audited> {
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  const queueUrl = kind === 'redis' ? await freshRedisUrl() : database.url;
  const log = pino({ level: 'silent' });
  const orm = openDatabase(database.url);
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  onTestFinished(async () => {
    await store.close();
    await orm.close();
    await database.drop();
  });

  await Epochs.open(await openSettings(store), LANES);
  const queues = allLanes(LANES).map(lane => store.openQueue(laneQueueName(lane)));
  await Promise.all(queues.map(queue => queue.setGlobalConcurrency(1)));
  const laneOf = (userId: string) => laneIndexOf(userId, LANES);

  const audited: Audited = {
    databaseUrl: database.url,
    queueUrl,
    store,
    orm,
    queues,
    submissions: someSubmissions(),
    sql: statements => execute(database.url, statements),
    async add(submission, { lane = laneOf(submission.userId), delay = 0 } = {}) {
      const options = { jobId: submission.id, timestamp: submission.acceptedAt.getTime(), delay };
      await queues[lane]?.add(JOB_NAME, dataOf(submission), options);
    },
    async finish({ id, userId }, refused) {
      const consumer = store.openConsumer({ index: laneOf(userId), of: LANES });
      const job = await consumer.next();
      if (job?.id !== id) throw new Error(`the lane's head is ${job?.id}, not ${id}`);
      const outcome = refused ?? { status: 'applied' as const, issueId: id, number: 0 };
      await consumer.finish([{ job, outcome }], false);
      await consumer.close();
    },
    audit: options => audit({ store, orm, lanes: LANES, clockSkewMs: 1000, againAfterMs: 0, ...options }),
    async wrong(options) {
      const { checks } = await audited.audit(options);
      return Object.fromEntries(
        checks.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]),
      );
    },
  };

  await audited.sql(
    `insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B')`,
  );
  await applyBatch(orm, owned(), audited.submissions);
  for (const submission of audited.submissions) {
    await audited.add(submission);
    await audited.finish(submission);
  }
  return audited;
}

function someSubmissions(): Audited['submissions'] {
  const facts = [
    ['u1', ORGANIZATION_A],
    ['u1', ORGANIZATION_B],
    ['u1', ORGANIZATION_A],
    ['u2', ORGANIZATION_B],
  ] as const;
  const [first, second, third, other] = facts.map(([userId, organizationId], n) =>
    aSubmission({ userId, organizationId, title: `secret ${n}`, acceptedAt: minute(n) }),
  );
  if (!first || !second || !third || !other) throw new Error('there are four');
  return [first, second, third, other];
}

export function minute(n: number): Date {
  return new Date(Date.UTC(2026, 0, 2, 3, n));
}

/** SQL that records a refusal; one that was redriven is no longer in force. */
export function refusalRow(
  { id, userId, organizationId, title }: Submission,
  { redriven = false, code = 'profile_suspended' } = {},
): string {
  const submission = JSON.stringify({ userId, organizationId, title });
  return `insert into refusals (id, user_id, organization_id, status, code, detail, attempt, submission,
                                accepted_at, refused_at, applied_at)
    values ('${id}', '${userId}', '${organizationId}', 'rejected', '${code}', 'no', 0, '${submission}',
            now(), now(), ${redriven ? 'now()' : 'null'});`;
}
