import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { connectionCounts } from './database.ts';
import { type DurabilityWatch, watchDurability } from './durability-watch.ts';
import { Figures } from './figures/figures.ts';
import { type MetricsSources, openMetrics } from './metrics/metrics.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import type { Tracing } from './tracing.ts';
import { openWorkerPort } from './worker-port.ts';
import { startWorkers, type Workers } from './workers/start-workers.ts';
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
  /** Where it answers machines; nowhere without it, as in a process whose API does. */
  readonly metricsPort?: number | undefined;
  readonly metricsHost?: string;
  readonly tracing?: Tracing | undefined;
}

/**
 * Runs this process's share of the lanes.
 *
 * @returns whether its lanes move, to be asked at any time
 * @throws LaneCountMismatchError
 * @throws VolatileQueueError
 * @throws PortTakenError
 */
export async function runWorker(options: WorkerRoleOptions): Promise<() => boolean> {
  const { queueUrl, refuseVolatile, orm, lanes, readAhead, log, shutdown, watchdogBounds } = options;
  const figures = options.figures ?? new Figures('worker');
  let workers: Workers | undefined;
  let durability: DurabilityWatch | undefined;
  // Before the queue store answers: who asks then is told that it is not ready.
  await answerMachines(options, {
    figures,
    runsLanes: true,
    connections: () => connectionCounts(orm),
    isVolatile: () => durability && durability.current().complaints.length > 0,
    isReady: () => workers?.isReady() ?? false,
  });
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  shutdown.add(() => store.close());
  durability = await watchDurability({ store, refuseVolatile, log });
  const { stop } = durability;
  shutdown.add(async () => stop());
  const onStuck = () => shutdown.fail('a lane is stuck');
  workers = await startWorkers({
    ...{ store, orm, log, lanes, readAhead, watchdogBounds, onStuck, figures },
    tracing: options.tracing,
    sharesFigures: options.figures === undefined,
  });
  const { close, isReady } = workers;
  shutdown.add(close);
  return isReady;
}

async function answerMachines(
  { metricsPort, metricsHost = 'localhost', log, shutdown }: WorkerRoleOptions,
  { isReady, ...sources }: MetricsSources & { readonly isReady: () => boolean },
): Promise<void> {
  if (metricsPort === undefined) return;
  const metrics = openMetrics(sources);
  const port = await openWorkerPort({ host: metricsHost, port: metricsPort, metrics, isReady });
  shutdown.add(() => port.close());
  log.info({ address: port.address }, 'answering /metrics, /healthz and /readyz');
}
