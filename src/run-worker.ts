import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { watchDurability } from './durability-watch.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import type { Tracing } from './tracing.ts';
import { startWorkers } from './workers/start-workers.ts';
import type { WatchdogBounds } from './workers/watchdog.ts';

export interface WorkerRoleOptions {
  readonly queueUrl: string;
  readonly refuseVolatile: boolean;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly readAhead: number;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  readonly watchdogBounds?: WatchdogBounds;
  readonly tracing?: Tracing | undefined;
}

/**
 * Runs this process's share of the lanes.
 *
 * @returns whether its lanes move, to be asked at any time
 * @throws LaneCountMismatchError
 * @throws VolatileQueueError
 */
export async function runWorker(options: WorkerRoleOptions): Promise<() => boolean> {
  const { queueUrl, refuseVolatile, log, shutdown } = options;
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  shutdown.add(() => store.close());
  const durability = await watchDurability({ store, refuseVolatile, log });
  shutdown.add(async () => durability.stop());
  const onStuck = () => shutdown.fail('a lane is stuck');
  const workers = await startWorkers({ ...options, store, onStuck });
  shutdown.add(() => workers.close());
  return workers.isReady;
}
