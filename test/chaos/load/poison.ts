import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { laneIndexOf, laneQueueName } from '../../../src/lanes.ts';
import type { Ledger } from '../ledger.ts';
import { ACTIVE_ORGANIZATIONS } from './organizations.ts';

const PREFIX = 'issue-intake';
const EVERY_MS = 2000;
/** The database takes 200 characters. */
const TOO_LONG = 300;

export interface PoisonOptions {
  readonly queueUrl: string;
  readonly lanes: number;
  readonly ledger: Ledger;
}

export interface Poisoner {
  /** How many were put on lanes: submissions that cannot be stored, and jobs that hold no submission. */
  readonly counts: { unstorable: number; stray: number };
  stop(): Promise<void>;
}

/**
 * Puts on a lane, every 2 s, a submission that the database refuses, and a job that
 * holds no submission at all: what the API lets nobody do.
 */
export function poison({ queueUrl, lanes, ledger }: PoisonOptions): Poisoner {
  const connection = new Redis(queueUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  connection.on('error', () => {});
  const queues = Array.from({ length: lanes }, (_, index) => {
    const queue = new Queue(laneQueueName({ index, of: lanes }), { connection, prefix: PREFIX });
    queue.on('error', () => {});
    return queue;
  });
  const counts = { unstorable: 0, stray: 0 };
  const over = new AbortController();
  const add = async (userId: string, data: object, jobId: string) => {
    await queues[laneIndexOf(userId, lanes)]?.add('raise', data, { jobId });
  };

  const addUnstorable = async (userId: string) => {
    const [organizationId = ''] = ACTIVE_ORGANIZATIONS;
    const title = `${userId} `.padEnd(TOO_LONG, 'x');
    const id = randomUUID();
    const raise = ledger.begin(userId, { key: id, organizationId, title });
    const at = Date.now();
    try {
      await add(userId, { userId, organizationId, title }, id);
      ledger.answered(userId, raise, at, { status: 202, submissionId: id });
      counts.unstorable++;
    } catch {
      ledger.unanswered(raise, at);
    }
  };
  const addStray = async (userId: string) => {
    await add(userId, { holds: 'no submission' }, `stray-${randomUUID()}`).then(
      () => counts.stray++,
      () => {},
    );
  };
  const running = (async () => {
    for (let n = 0; !over.signal.aborted; n++) {
      await Promise.all([addUnstorable(`poisoner-${n}`), addStray(`poisoner-${n}`)]);
      await sleep(EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  return {
    counts,
    async stop() {
      over.abort();
      await running;
      await Promise.all(queues.map(queue => queue.close()));
      connection.disconnect();
    },
  };
}
