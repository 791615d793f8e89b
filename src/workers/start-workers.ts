import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { agreeOnLaneCount, openSettings } from '../lane-count.ts';
import { allLanes, type Lane, laneQueueName } from '../lanes.ts';
import { type OutcomeFeed, outcomeFeed } from '../outcome-feed.ts';
import type { LaneQueue, QueueStore, StoreRelay } from '../queue-store.ts';
import { Fleet, WORKER_NODE_NAME } from './fleet.ts';
import { laneProcessor } from './lane-processor.ts';
import { LaneRunner } from './lane-runner.ts';
import { reportOutcomes } from './report-outcomes.ts';

const CONFIRM_EVERY_MS = 5000;

export interface WorkersOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  readonly log: Logger;
  readonly lanes: number;
  /** Most submissions in one unit of work. */
  readonly readAhead: number;
}

export interface Workers {
  /** Finishes the current units of work, and leaves the lanes to the other processes. */
  close(): Promise<void>;
}

/**
 * Runs this process's share of the lanes.
 *
 * @throws LaneCountMismatchError when the store is in use with another number of lanes
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { store, log, lanes } = options;
  const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));
  const stopConfirming = await keepConfirmed(store, queues, log);

  const relay = await joinFleet(store, log);
  const stopping = new AbortController();
  const feed = outcomeFeed(relay, log);
  const runners = allLanes(lanes).map(lane => openRunner(options, lane, queues, feed, stopping.signal));
  const fleet = new Fleet({ relay, lanes, log, onShare: share => changeOver(runners, share) });
  await fleet.look();

  return {
    async close() {
      fleet.close();
      stopConfirming();
      stopping.abort();
      await Promise.all(runners.map(runner => runner.close()));
      await relay.close();
    },
  };
}

async function joinFleet(store: QueueStore, log: Logger): Promise<StoreRelay> {
  const relay = store.openRelay(WORKER_NODE_NAME);
  relay.on('error', error => log.warn({ err: error }, 'relay'));
  await relay.waitUntilReady();
  return relay;
}

function openRunner(
  { store, orm, log, readAhead }: WorkersOptions,
  lane: Lane,
  queues: readonly LaneQueue[],
  feed: OutcomeFeed,
  stopping: AbortSignal,
): LaneRunner {
  const queue = queues[lane.index];
  const processor = laneProcessor({
    orm,
    log,
    stopping,
    limit: readAhead,
    readWaiting: async count => (queue === undefined ? [] : store.readWaiting(queue, count)),
    giveBack: (job, token) => store.giveBack(job, token),
    onOutcomes: reportOutcomes(lane, feed, log),
  });
  return new LaneRunner({ store, lane, processor, log });
}

function changeOver(runners: readonly LaneRunner[], share: ReadonlySet<number>): void {
  runners.forEach((runner, lane) => {
    if (share.has(lane)) runner.run();
    else runner.rest();
  });
}

/**
 * What order rests on lies in the store: the number of lanes, and one job at a
 * time on each. Both are confirmed before the lanes open, after a reconnection,
 * and every few seconds, because a store can lose them (FLUSHALL, a failover).
 */
async function keepConfirmed(store: QueueStore, queues: readonly LaneQueue[], log: Logger): Promise<() => void> {
  const settings = openSettings(store);
  const confirm = async () => {
    await agreeOnLaneCount(settings, queues.length);
    await Promise.all(queues.map(queue => queue.setGlobalConcurrency(1)));
  };
  const confirmAgain = () => confirm().catch(error => log.error({ err: error }, 'cannot confirm the lanes'));
  await confirm();
  store.onReconnect(confirmAgain);
  const timer = setInterval(confirmAgain, CONFIRM_EVERY_MS);
  return () => clearInterval(timer);
}
