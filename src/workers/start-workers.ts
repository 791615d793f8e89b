import type { MikroORM } from '@mikro-orm/postgresql';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { logConnectionError } from '../connection-errors.ts';
import { allLanes, laneLabel, laneQueueName } from '../lanes.ts';
import { outcomeFeed } from '../outcome-feed.ts';
import type { QueueStore, StoreRelay } from '../queue-store.ts';
import type { Tracing } from '../tracing.ts';
import { untilAnswers } from '../until-answers.ts';
import { DatabaseWatch } from './database-watch.ts';
import { Fleet, WORKER_NODE_NAME } from './fleet.ts';
import { keepConfirmed } from './keep-confirmed.ts';
import { openRunner } from './open-runner.ts';
import { ReopenableLane } from './reopenable-lane.ts';
import { Watchdog, type WatchdogBounds } from './watchdog.ts';

/**
 * Units of work of this process at once. A lane that waits for its turn gathers
 * submissions meanwhile: fewer, larger batches cost less (docs/performance.md).
 */
const UNITS_AT_ONCE = 4;

export interface WorkersOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  readonly log: Logger;
  readonly lanes: number;
  /** Most submissions in one unit of work. */
  readonly readAhead: number;
  /** Called when a lane does not move and reopening it does not help: the process should end. */
  readonly onStuck: () => void;
  readonly watchdogBounds?: WatchdogBounds | undefined;
  readonly tracing?: Tracing | undefined;
}

export interface Workers {
  /** Finishes the current units of work, and leaves the lanes to the other processes. */
  close(): Promise<void>;
  /** False when a lane does not move and the process should end. */
  isReady(): boolean;
}

/**
 * Runs this process's share of the lanes.
 *
 * @throws LaneCountMismatchError when the store is in use with another number of lanes
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { store, orm, log, lanes, onStuck, watchdogBounds: bounds } = options;
  const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));
  const stopConfirming = await keepConfirmed(store, queues, log);
  const relay = await untilAnswers('queue store', () => joinFleet(store, log), log);
  const feed = outcomeFeed(relay, log);
  const inTurn = pLimit(UNITS_AT_ONCE);
  const ours = await Promise.all(
    queues.map((queue, index) => {
      const lane = { index, of: lanes };
      const laneLog = log.child({ lane: laneLabel(lane) });
      const open = () => openRunner({ ...options, log: laneLog }, lane, feed, inTurn);
      return ReopenableLane.open(open, queue, laneLog);
    }),
  );
  const watch = new DatabaseWatch(orm);
  const watchdog = new Watchdog({ lanes: ours, onStuck, bounds });
  const isWell = () => watch.isWell();
  const fleet = new Fleet({ relay, lanes, log, isWell, onShare: share => changeOver(ours, share) });
  await fleet.look();

  return {
    isReady: () => watchdog.isWell(),
    async close() {
      fleet.close();
      watchdog.close();
      stopConfirming();
      watch.close();
      await Promise.all(ours.map(lane => lane.close()));
      await relay.close();
    },
  };
}

async function joinFleet(store: QueueStore, log: Logger): Promise<StoreRelay> {
  const relay = store.openRelay(WORKER_NODE_NAME);
  relay.on('error', error => logConnectionError(log, error, 'relay'));
  try {
    await relay.waitUntilReady();
  } catch (error) {
    await relay.close().catch(() => {});
    throw error;
  }
  return relay;
}

function changeOver(lanes: readonly ReopenableLane[], share: ReadonlySet<number>): void {
  for (const [index, lane] of lanes.entries()) lane.take(share.has(index));
}
