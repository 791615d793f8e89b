import type { LimitFunction } from 'p-limit';
import { openLaneSet } from '../lane-set.ts';
import { type Epoch, laneLabel, lanesOf } from '../lanes.ts';
import type { OutcomeFeed } from '../outcome-feed.ts';
import type { LaneQueue, StoreRelay } from '../queue-store.ts';
import { Fleet } from './fleet.ts';
import { openRunner, type RunnerOptions } from './open-runner.ts';
import { ReopenableLane } from './reopenable-lane.ts';
import { Watchdog, type WatchdogBounds } from './watchdog.ts';

export interface RunEpochOptions extends RunnerOptions {
  readonly relay: StoreRelay;
  readonly feed: OutcomeFeed;
  /** Units of work of this process, whatever the epoch. */
  readonly inTurn: LimitFunction;
  /** Whether this process can apply anything. */
  readonly isWell: () => boolean;
  readonly onStuck: () => void;
  readonly watchdogBounds?: WatchdogBounds | undefined;
}

/** The lanes of one epoch in this process. */
export interface RunningEpoch {
  readonly epoch: Epoch;
  /** False when a lane does not move and the process should end. */
  isReady(): boolean;
  /** Sees to one job at a time on each lane. @throws when the store does not answer */
  confirm(): Promise<void>;
  /** Finishes the current units of work, and leaves the lanes to the other processes. */
  close(): Promise<void>;
}

/** Runs this process's share of an epoch's lanes. @throws when the store does not answer */
export async function runEpoch(epoch: Epoch, options: RunEpochOptions): Promise<RunningEpoch> {
  const { store, relay, log, figures, isWell, onStuck, watchdogBounds: bounds } = options;
  const { queues } = await openLaneSet(store, epoch);
  const confirm = async () => {
    await Promise.all(queues.map(queue => queue.setGlobalConcurrency(1)));
  };
  await confirm();
  const ours = await openAll(epoch, queues, options);
  const watchdog = new Watchdog({ lanes: ours, onStuck, bounds });
  figures.epoch = epoch;
  const onShare = (share: ReadonlySet<number>) => {
    figures.lanes = [...share];
    changeOver(ours, share);
  };
  const fleet = new Fleet({ relay, lanes: epoch.lanes, log, isWell, onShare });
  await fleet.look();

  return {
    epoch,
    isReady: () => watchdog.isWell(),
    confirm,
    async close() {
      fleet.close();
      watchdog.close();
      await Promise.all(ours.map(lane => lane.close()));
      figures.lanes = [];
    },
  };
}

/** All of them, or none: what is open is closed again when one cannot be opened. */
async function openAll(
  epoch: Epoch,
  queues: readonly LaneQueue[],
  options: RunEpochOptions,
): Promise<ReopenableLane[]> {
  const opening = lanesOf(epoch).map(async (lane, index) => {
    const laneLog = options.log.child({ lane: laneLabel(lane) });
    const open = () => openRunner({ ...options, log: laneLog }, lane, options.feed, options.inTurn);
    const queue = queues[index];
    if (queue === undefined) throw new RangeError('a lane without a queue');
    return ReopenableLane.open(open, queue, laneLog);
  });
  const all = await Promise.allSettled(opening);
  const opened = all.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = all.find(each => each.status === 'rejected');
  if (failed === undefined) return opened;
  await Promise.allSettled(opened.map(lane => lane.close()));
  throw failed.reason;
}

function changeOver(lanes: readonly ReopenableLane[], share: ReadonlySet<number>): void {
  for (const [index, lane] of lanes.entries()) lane.take(share.has(index));
}
