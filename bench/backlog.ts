import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { openSettings } from '../src/epoch-records.ts';
import { Epochs } from '../src/epochs.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../src/lanes.ts';
import { JOB_NAME, openQueueStore } from '../src/queue-store.ts';
import type { Submission } from '../src/submission.ts';

/** What waits to be applied by a system under test. */
export interface Backlog {
  add(submissions: Iterable<Submission>): Promise<void>;
  /** How many are not finished. Cheap enough to be asked 20 times a second. */
  remaining(): Promise<number>;
  close(): Promise<void>;
}

export const SILENT = pino({ level: 'silent' });
export const DEFAULT_LANES = 16;
export const SINGLE_QUEUE = 'issues';

const AT_ONCE = 1000;

/** The lanes of a queue store, filled as the API fills them. */
export async function openLanes(url: string, lanes = DEFAULT_LANES): Promise<Backlog> {
  const store = openQueueStore({ url, role: 'worker', log: SILENT });
  await Epochs.open(await openSettings(store), lanes);
  const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));
  return {
    async add(submissions) {
      for (const chunk of chunks(submissions)) {
        const perLane = Map.groupBy(chunk, ({ userId }) => laneIndexOf(userId, lanes));
        await Promise.all([...perLane].map(([lane, some]) => queues[lane]?.addBulk(some.map(asJob))));
      }
    },
    async remaining() {
      const counts = await Promise.all(queues.map(queue => queue.getJobCountByTypes('waiting', 'active')));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    close: () => store.close(),
  };
}

/** One queue for everything, as most people would have it. */
export async function openSingleQueue(url: string): Promise<Backlog> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(SINGLE_QUEUE, { connection });
  return {
    async add(submissions) {
      for (const chunk of chunks(submissions)) await queue.addBulk(chunk.map(asJob));
    },
    remaining: () => queue.getJobCountByTypes('waiting', 'active'),
    async close() {
      await queue.close();
      connection.disconnect();
    },
  };
}

function asJob({ id, acceptedAt, ...data }: Submission) {
  return { name: JOB_NAME, data, opts: { jobId: id, timestamp: acceptedAt.getTime() } } as const;
}

function* chunks(submissions: Iterable<Submission>): Generator<Submission[]> {
  let chunk: Submission[] = [];
  for (const submission of submissions) {
    chunk.push(submission);
    if (chunk.length === AT_ONCE) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
