import type { MikroORM } from '@mikro-orm/postgresql';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import { agreeOnLaneCount, openSettings } from '../lane-count.ts';
import { allLanes, type Lane, laneLabel, laneQueueName } from '../lanes.ts';
import { type OutcomeFeed, outcomeFeed } from '../outcome-feed.ts';
import type { LaneQueue, QueueStore, StoreRelay } from '../queue-store.ts';
import { applyBatch } from './apply-batch.ts';
import { applyUntilDone } from './apply-until-done.ts';
import { conflictName } from './database-errors.ts';
import { DatabaseWatch } from './database-watch.ts';
import { Fleet, WORKER_NODE_NAME } from './fleet.ts';
import { LaneRunner } from './lane-runner.ts';
import { type LeadOptions, lead } from './lead.ts';
import { reportOutcomes } from './report-outcomes.ts';
import { waitInPlace } from './wait-in-place.ts';

const CONFIRM_EVERY_MS = 5000;

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
  const { store, orm, log, lanes } = options;
  const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));
  const stopConfirming = await keepConfirmed(store, queues, log);

  const relay = await joinFleet(store, log);
  const feed = outcomeFeed(relay, log);
  const inTurn = pLimit(UNITS_AT_ONCE);
  const runners = await Promise.all(allLanes(lanes).map(lane => openRunner(options, lane, feed, inTurn)));
  const watch = new DatabaseWatch(orm);
  const isWell = () => watch.isWell();
  const fleet = new Fleet({ relay, lanes, log, isWell, onShare: share => changeOver(runners, share) });
  await fleet.look();

  return {
    async close() {
      fleet.close();
      stopConfirming();
      watch.close();
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

async function openRunner(
  { store, orm, log: processLog, readAhead }: WorkersOptions,
  lane: Lane,
  feed: OutcomeFeed,
  inTurn: LimitFunction,
): Promise<LaneRunner> {
  const log = processLog.child({ lane: laneLabel(lane) });
  const consumer = store.openConsumer(lane);
  await consumer.open();
  const apply: LeadOptions['apply'] = (batch, head, resting) =>
    applyUntilDone(batch, {
      log,
      apply: part =>
        applyBatch(orm, part, error => log.info({ conflict: conflictName(error) }, 'applying again')),
      waitForDatabase: attempt => waitInPlace(head, attempt, resting),
    });
  const options: LeadOptions = {
    apply,
    limit: readAhead,
    peek: count => consumer.peek(count),
    onOutcomes: reportOutcomes(lane, feed, log),
    onPeekError: error => log.warn({ err: error }, 'cannot read ahead; the head goes alone'),
  };
  return new LaneRunner({
    consumer,
    log,
    lead: (head, resting) =>
      inTurn(() => {
        // Told to rest while it waited for its turn: the head is better off with the lane's next process.
        resting.throwIfAborted();
        return lead(head, resting, options);
      }),
  });
}

function changeOver(runners: readonly LaneRunner[], share: ReadonlySet<number>): void {
  runners.forEach((runner, lane) => {
    if (share.has(lane)) runner.run();
    else void runner.rest();
  });
}

/**
 * What order rests on lies in the store: the number of lanes, and one job at a
 * time on each. Both are confirmed before the lanes open, after a reconnection,
 * and every few seconds, because a store can lose them (FLUSHALL, a failover).
 */
async function keepConfirmed(
  store: QueueStore,
  queues: readonly LaneQueue[],
  log: Logger,
): Promise<() => void> {
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
