import type { MikroORM } from '@mikro-orm/postgresql';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { openSettings } from '../epoch-records.ts';
import { Epochs, type Standing } from '../epochs.ts';
import type { Figures } from '../figures/figures.ts';
import { shareFigures } from '../figures/share-figures.ts';
import { outcomeFeed } from '../outcome-feed.ts';
import type { QueueStore } from '../queue-store.ts';
import { orDrop } from '../ready-queues.ts';
import { openReadyRelay } from '../ready-relay.ts';
import type { Tracing } from '../tracing.ts';
import { untilAnswers } from '../until-answers.ts';
import { DatabaseWatch } from './database-watch.ts';
import { Drain } from './drain.ts';
import { WORKER_NODE_NAME } from './fleet.ts';
import { EpochFollower } from './follow-epochs.ts';
import { runEpoch } from './run-epoch.ts';
import type { WatchdogBounds } from './watchdog.ts';

/**
 * Units of work of this process at once. A lane that waits for its turn gathers
 * submissions meanwhile: fewer, larger batches cost less (docs/performance.md).
 */
const UNITS_AT_ONCE = 4;

export interface WorkersOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  readonly log: Logger;
  /** What a new store begins with; one in use has had as many. */
  readonly lanes: number;
  /** Most submissions in one unit of work. */
  readonly readAhead: number;
  /** What this process counts; its lanes are noted there. */
  readonly figures: Figures;
  /** Whether they are shared with the other processes from here. */
  readonly sharesFigures: boolean;
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
 * Runs this process's share of the lanes, through any change of their number.
 *
 * @throws LaneCountMismatchError when the store has never been in use with as many lanes
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { store, orm, log, lanes, figures } = options;
  const openEpochs = () => orDrop(store, async noting => Epochs.open(await openSettings(noting), lanes));
  const epochs = await untilAnswers('queue store', openEpochs, log);
  sayWhenOld(lanes, epochs.standing, log);
  const relay = await untilAnswers('queue store', () => openReadyRelay(store, WORKER_NODE_NAME, log), log);
  const watch = new DatabaseWatch(orm);
  const isWell = () => watch.isWell();
  const feed = outcomeFeed(relay, log);
  const running = { ...options, relay, feed, inTurn: pLimit(UNITS_AT_ONCE), isWell };
  const drain = new Drain({ store, orm, epochs });
  const follower = await EpochFollower.start({
    store,
    epochs,
    drain,
    run: epoch => orDrop(store, noting => runEpoch(epoch, { ...running, store: noting })),
    onEmptied: () => figures.storeEmptied++,
    log,
  });
  const sharing = options.sharesFigures ? shareFigures({ relay, figures, log }) : undefined;

  return {
    isReady: () => follower.isReady(),
    async close() {
      await follower.close();
      watch.close();
      await sharing?.close();
      await relay.close();
    },
  };
}

/** LANES may stay as it was for as long as one likes; somebody may take it for what is in force. */
function sayWhenOld(lanes: number, { epochs }: Standing, log: Logger): void {
  const inForce = epochs.at(-1)?.lanes;
  if (inForce !== lanes)
    log.info({ lanes: inForce, old: lanes }, 'LANES is an older number than the queue store has now');
}
