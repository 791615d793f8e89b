import { Logger, makeWorkerUtils, run, type WorkerUtils } from 'graphile-worker';
import type { Submission } from '../../../src/submission.ts';
import { packageVersion } from '../package-version.ts';
import { fromPayload, type Payload, toPayload } from '../payload.ts';
import { ATTEMPTS, CONCURRENCY, type Fate, type Peer, type Producer, type Services } from '../peer.ts';

const TASK = 'raise';

/*
 * A queue name for each user: jobs of one name run one after another. Its
 * documentation warns of many names; there is no other way to an order per user.
 * The wait before a retry (exponential, about 2.7 s at first) cannot be set.
 * The local queue and batched completion are those of its page on performance;
 * they made it faster here, and lock more jobs when a process dies.
 */
const WORKER_OPTIONS = {
  concurrentJobs: CONCURRENCY,
  maxPoolSize: CONCURRENCY + 2,
  pollInterval: 200,
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const LOCAL_QUEUE = { size: CONCURRENCY + 1 };

const logger = new Logger(() => () => {});

declare global {
  namespace GraphileWorker {
    interface Tasks {
      [TASK]: Payload;
    }
  }
}

export const graphileWorker: Peer = {
  name: 'graphile-worker',
  how: 'a queue name for each user',
  version: packageVersion('graphile-worker', 'peers'),
  options: { ...WORKER_OPTIONS, 'localQueue.size': LOCAL_QUEUE.size, maxAttempts: ATTEMPTS },
  failsIn: 'handler',
  openProducer,

  async startWorker({ services, handle }) {
    const runner = await run({
      preset: {
        worker: {
          ...WORKER_OPTIONS,
          localQueue: LOCAL_QUEUE,
          connectionString: services.databaseUrl,
          logger,
        },
      },
      taskList: { [TASK]: (payload, { job }) => handle(fromPayload(payload), job.attempts) },
      noHandleSignals: true,
    });
    return { close: () => runner.stop() };
  },
};

async function openProducer({ databaseUrl }: Services): Promise<Producer> {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, maxPoolSize: CONCURRENCY, logger });
  await utils.migrate();
  return {
    async add(submission) {
      const { identifier, payload, ...spec } = jobOf(submission);
      await utils.addJob(identifier, payload, spec);
    },
    async addMany(submissions) {
      await utils.addJobs(submissions.map(jobOf));
    },
    fateOf: ({ id }) => fateOf(utils, id),
    close: async () => utils.release(),
  };
}

function jobOf(submission: Submission) {
  const payload = toPayload(submission);
  return { identifier: TASK, payload, queueName: submission.userId, maxAttempts: ATTEMPTS } as const;
}

/** Done jobs are deleted; one that was tried as often as it may stays. */
async function fateOf(utils: WorkerUtils, id: string): Promise<Fate> {
  const { rows } = await utils.withPgClient(client =>
    client.query<{ failed: boolean }>(
      `select attempts >= max_attempts and locked_at is null failed
         from graphile_worker._private_jobs where payload->>'id' = $1`,
      [id],
    ),
  );
  const [job] = rows;
  if (job === undefined) return 'gone';
  return job.failed ? 'failed' : 'held';
}
