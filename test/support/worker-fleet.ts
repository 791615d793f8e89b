import { pino } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type OpenedIntake, openIntake } from '../../src/api/open-intake.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { untilAnswers } from '../../src/until-answers.ts';
import { type ProductProcess, startProduct } from './product-process.ts';
import { rows } from './rows.ts';
import { freshDatabase, freshRedisUrl } from './services.ts';
import { ORGANIZATION_A, ORGANIZATION_B } from './submissions.ts';
import { patient } from './until-accepted.ts';

/** Worker processes on a Redis and a database of their own, and an intake in this process. */
export interface WorkerFleet {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly intake: OpenedIntake;
  /** Starts one more worker process. Resolves when it runs its first share of the lanes. */
  startWorker(environment?: Record<string, string>): Promise<ProductProcess>;
  /** How many issues there are. */
  issues(): Promise<number>;
  /** How many jobs wait or are at work. */
  unfinished(): Promise<number>;
  close(): Promise<void>;
}

export interface WorkerFleetOptions {
  readonly lanes: number;
  readonly store?: 'redis' | 'postgres';
  /** A Redis of the test's own; otherwise a database of the shared one. */
  readonly queueUrl?: string;
}

export async function openWorkerFleet(options: WorkerFleetOptions): Promise<WorkerFleet> {
  const { lanes, store: kind = 'redis' } = options;
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  const organizations = `('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B')`;
  await rows(database.url, `insert into organizations (id, name) values ${organizations}`);
  const queueUrl = kind === 'postgres' ? database.url : (options.queueUrl ?? (await freshRedisUrl()));
  const log = pino({ level: 'silent' });
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  const intake = patient(await untilAnswers('queue store', () => openIntake({ store, lanes, log }), log));
  const workers: ProductProcess[] = [];

  return {
    databaseUrl: database.url,
    queueUrl,
    intake,
    async startWorker(environment = {}) {
      const worker = startProduct('worker', {
        DATABASE_URL: database.url,
        QUEUE_URL: queueUrl,
        LANES: String(lanes),
        ...environment,
      });
      workers.push(worker);
      await worker.line(isShare);
      return worker;
    },
    async issues() {
      const [row] = await rows(database.url, 'select count(*)::int from issues');
      return Value.Parse(Type.Object({ count: Type.Integer() }), row).count;
    },
    async unfinished() {
      const counts = await Promise.all(
        intake.queues.map(queue => queue.getJobCountByTypes('waiting', 'active')),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await Promise.all(workers.map(worker => worker.end('SIGTERM')));
      await intake.close();
      await store.close();
      await database.drop();
    },
  };
}

/** The lanes that a worker runs, by the newest line that says so. */
export function shareOf(worker: ProductProcess): number[] {
  const line = worker.lines.findLast(isShare) ?? '{"lanes":[]}';
  return Value.Parse(Type.Object({ lanes: Type.Array(Type.Integer()) }), JSON.parse(line)).lanes;
}

function isShare(line: string): boolean {
  return line.includes('"running these lanes"');
}
