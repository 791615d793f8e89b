import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';
import { startWorkers } from './workers/start-workers.ts';

export interface WorkerRoleOptions {
  readonly queueUrl: string;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly readAhead: number;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

/**
 * Runs this process's share of the lanes.
 *
 * @throws LaneCountMismatchError
 */
export async function runWorker(options: WorkerRoleOptions): Promise<void> {
  const { queueUrl, orm, lanes, readAhead, log, shutdown } = options;
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  shutdown.add(() => store.close());
  await untilAnswers('queue store', () => store.ping(), log);
  const workers = await startWorkers({ store, orm, log, lanes, readAhead });
  shutdown.add(() => workers.close());
}
