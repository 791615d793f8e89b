import { crc32 } from 'node:zlib';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Submission } from '../../../src/submission.ts';
import { packageVersion } from '../package-version.ts';
import { fromPayload, type Payload, toPayload } from '../payload.ts';
import { ATTEMPTS, CONCURRENCY, type Fate, type Peer, type Producer, type Services } from '../peer.ts';

const QUEUES = CONCURRENCY;

/*
 * What one builds who reads BullMQ's documentation: a user id hashes to one of N
 * queues, each with a global concurrency of 1.
 * https://docs.bullmq.io/guide/queues/global-concurrency
 */
const JOB_OPTIONS = { attempts: ATTEMPTS, removeOnComplete: { count: 200 } };
const WORKER_OPTIONS = { concurrency: 1, lockDuration: 5000, stalledInterval: 2000, maxStalledCount: 100 };
const STATES: Readonly<Record<string, Fate>> = { completed: 'gone', unknown: 'gone', failed: 'failed' };

export const bullmq: Peer = {
  name: 'bullmq',
  how: 'users hashed to queues with global concurrency 1, a job for a submission',
  version: packageVersion('bullmq', 'product'),
  options: { queues: QUEUES, globalConcurrency: 1, attempts: ATTEMPTS, backoff: 'none', ...WORKER_OPTIONS },
  failsIn: 'handler',
  openProducer,

  async startWorker({ services, handle }) {
    const connection = new Redis(services.redisUrl, { maxRetriesPerRequest: null });
    const queue = (name: string) =>
      new Worker<Payload>(name, job => handle(fromPayload(job.data), job.attemptsMade + 1), {
        ...WORKER_OPTIONS,
        connection,
      });
    const workers = names().map(queue);
    for (const worker of workers) worker.on('error', () => {});
    return {
      async close() {
        await Promise.all(workers.map(worker => worker.close()));
        connection.disconnect();
      },
    };
  },
};

async function openProducer({ redisUrl }: Services): Promise<Producer> {
  const connection = new Redis(redisUrl);
  const queues = names().map(
    name => new Queue<Payload>(name, { connection, defaultJobOptions: JOB_OPTIONS }),
  );
  await Promise.all(queues.map(queue => queue.setGlobalConcurrency(1)));
  return {
    async add(submission) {
      await queueOf(queues, submission).add('raise', toPayload(submission), { jobId: submission.id });
    },
    async addMany(submissions) {
      const byQueue = Map.groupBy(submissions, each => queueOf(queues, each));
      for (const [queue, own] of byQueue) {
        await queue.addBulk(
          own.map(each => ({ name: 'raise', data: toPayload(each), opts: { jobId: each.id } })),
        );
      }
    },
    async fateOf(submission) {
      return STATES[await queueOf(queues, submission).getJobState(submission.id)] ?? 'held';
    },
    async close() {
      await Promise.all(queues.map(queue => queue.close()));
      connection.disconnect();
    },
  };
}

function names(): string[] {
  return Array.from({ length: QUEUES }, (_, index) => `issues-${index}`);
}

function queueOf(queues: readonly Queue<Payload>[], { userId }: Submission): Queue<Payload> {
  const queue = queues[crc32(userId) % queues.length];
  if (queue === undefined) throw new RangeError('there are no queues');
  return queue;
}
