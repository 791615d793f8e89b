import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { watchDurability } from './durability-watch.ts';
import { Figures } from './figures/figures.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import { startWorkers } from './workers/start-workers.ts';
import type { WatchdogBounds } from './workers/watchdog.ts';

export interface WorkerRoleOptions {
  readonly queueUrl: string;
  readonly refuseVolatile: boolean;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly readAhead: number;
  /** Of a process that also runs the API, which shares them with the other processes. */
  readonly figures?: Figures;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  readonly watchdogBounds?: WatchdogBounds;
}

/**
 * Runs this process's share of the lanes.
 *
 * @returns whether its lanes move, to be asked at any time
 * @throws LaneCountMismatchError
 * @throws VolatileQueueError
 */
export async function runWorker(options: WorkerRoleOptions): Promise<() => boolean> {
  const { queueUrl, refuseVolatile, orm, lanes, readAhead, log, shutdown, watchdogBounds } = options;
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  shutdown.add(() => store.close());
  const durability = await watchDurability({ store, refuseVolatile, log });
  shutdown.add(async () => durability.stop());
  const onStuck = () => shutdown.fail('a lane is stuck');
  const workers = await startWorkers({
    ...{ store, orm, log, lanes, readAhead, watchdogBounds, onStuck },
    figures: options.figures ?? new Figures('worker'),
    sharesFigures: options.figures === undefined,
  });
  shutdown.add(() => workers.close());
  return workers.isReady;
}
