import { Queue, Worker } from 'groupmq';
import { Redis } from 'ioredis';
import { packageVersion } from '../package-version.ts';
import { fromPayload, type Payload, toPayload } from '../payload.ts';
import { ATTEMPTS, CONCURRENCY, type Fate, type Peer, type Producer, type Services } from '../peer.ts';

/*
 * A group for each user. Its default of maxStalledCount, 1, fails a job as soon
 * as its process has died once; here a job may be taken over as often as needed.
 * keepFailed lets us tell a job that was given up from one that is gone.
 */
const QUEUE_OPTIONS = { namespace: 'issues', jobTimeoutMs: 5000, maxAttempts: ATTEMPTS, keepFailed: 100_000 };
const WORKER_OPTIONS = { concurrency: CONCURRENCY, stalledInterval: 2000, maxStalledCount: 100 };
const IN_FLIGHT = 500;
const STATES: Readonly<Record<string, Fate>> = { completed: 'gone', unknown: 'gone', failed: 'failed' };

export const groupmq: Peer = {
  name: 'groupmq',
  how: 'a group for each user',
  version: packageVersion('groupmq', 'peers'),
  options: { ...QUEUE_OPTIONS, ...WORKER_OPTIONS, backoff: 0 },
  failsIn: 'handler',
  openProducer,

  async startWorker({ services, handle }) {
    const redis = new Redis(services.redisUrl, { maxRetriesPerRequest: null });
    const queue = new Queue<Payload>({ ...QUEUE_OPTIONS, redis });
    const worker = new Worker<Payload>({
      ...WORKER_OPTIONS,
      queue,
      backoff: () => 0,
      // `attempts` counts the failures so far.
      handler: job => handle(fromPayload(job.data), job.attempts + 1),
    });
    worker.on('error', () => {});
    void worker.run();
    return {
      async close() {
        await worker.close();
        redis.disconnect();
      },
    };
  },
};

async function openProducer({ redisUrl }: Services): Promise<Producer> {
  const redis = new Redis(redisUrl);
  const queue = new Queue<Payload>({ ...QUEUE_OPTIONS, redis });
  const add: Producer['add'] = async submission => {
    await queue.add({ groupId: submission.userId, jobId: submission.id, data: toPayload(submission) });
  };
  return {
    add,
    // It has no bulk add that keeps a job safe: `autoBatch` buffers in memory.
    async addMany(submissions) {
      for (let from = 0; from < submissions.length; from += IN_FLIGHT) {
        await Promise.all(submissions.slice(from, from + IN_FLIGHT).map(add));
      }
    },
    async fateOf({ id }) {
      const state = await queue
        .getJob(id)
        .then(job => job.getState())
        .catch(() => 'unknown');
      return STATES[state] ?? 'held';
    },
    async close() {
      await queue.close().catch(() => {});
      redis.disconnect();
    },
  };
}
