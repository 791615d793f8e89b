import { PgBoss } from 'pg-boss';
import type { Submission } from '../../../src/submission.ts';
import { packageVersion } from '../package-version.ts';
import { fromPayload, type Payload, toPayload } from '../payload.ts';
import { ATTEMPTS, CONCURRENCY, type Fate, type Peer, type Producer, type Services } from '../peer.ts';

const QUEUE = 'issues';

/*
 * The policy for a strict order per key: successors wait while a job of their
 * key is active, in retry or failed. A dead process is noticed by its heartbeat,
 * at the shortest that is allowed.
 */
const QUEUE_OPTIONS = {
  policy: 'key_strict_fifo',
  partition: true,
  retryLimit: ATTEMPTS,
  retryDelay: 0,
  expireInSeconds: 30,
  heartbeatSeconds: 10,
};
const MONITOR = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 };
/*
 * A fetch looks at the head of every key, so it should bring more than one job.
 * Each job of a fetch is of another key; they run side by side, and each settles
 * by itself. burstWhenBatchFull fetches again at once.
 */
const WORK_OPTIONS = {
  localConcurrency: 2,
  batchSize: CONCURRENCY,
  perJobResults: true,
  includeMetadata: true,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
} as const;
const STATES: Readonly<Record<string, Fate>> = { completed: 'gone', cancelled: 'gone', failed: 'failed' };

export const pgBoss: Peer = {
  name: 'pg-boss',
  how: 'the policy key_strict_fifo, with the user as the key',
  version: packageVersion('pg-boss', 'peers'),
  options: { ...QUEUE_OPTIONS, ...MONITOR, ...WORK_OPTIONS },
  failsIn: 'handler',
  openProducer,

  async startWorker({ services, handle }) {
    const boss = await open(services, { supervise: true, ...MONITOR });
    await boss.work<Payload, void, typeof WORK_OPTIONS>(QUEUE, WORK_OPTIONS, jobs =>
      Promise.all(
        jobs.map(async job => {
          const settled = await Promise.allSettled([handle(fromPayload(job.data), job.retryCount + 1)]);
          return { id: job.id, status: settled[0].status === 'fulfilled' ? 'completed' : 'failed' } as const;
        }),
      ),
    );
    return { close: () => boss.stop({ graceful: true, close: true, timeout: 5000 }) };
  },
};

async function openProducer(services: Services): Promise<Producer> {
  const boss = await open(services, { supervise: false });
  await boss.createQueue(QUEUE, QUEUE_OPTIONS);
  return {
    async add(submission) {
      const { data, ...options } = jobOf(submission);
      if ((await boss.send(QUEUE, data, options)) === null) throw new Error('pg-boss did not take the job');
    },
    async addMany(submissions) {
      await boss.insert(QUEUE, submissions.map(jobOf));
    },
    async fateOf({ id }) {
      const [job] = await boss.findJobs(QUEUE, { id });
      return job === undefined ? 'gone' : (STATES[job.state] ?? 'held');
    },
    close: () => boss.stop({ graceful: false, close: true }),
  };
}

async function open({ databaseUrl }: Services, options: { supervise: boolean }): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: databaseUrl, schedule: false, max: CONCURRENCY, ...options });
  boss.on('error', () => {});
  await boss.start();
  return boss;
}

function jobOf(submission: Submission) {
  return { id: submission.id, data: toPayload(submission), singletonKey: submission.userId };
}
