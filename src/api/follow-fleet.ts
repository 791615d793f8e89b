import type { Logger } from 'pino';
import type { Figures } from '../figures/figures.ts';
import { shareFigures } from '../figures/share-figures.ts';
import type { WaitingLane } from '../metrics/lane-metrics.ts';
import type { QueueStore } from '../queue-store.ts';
import { Backlog } from './backlog.ts';
import { FleetHistory } from './fleet-history.ts';
import { LaneAges } from './lane-ages.ts';
import { lanesNow } from './lanes-now.ts';
import type { OpenedIntake } from './open-intake.ts';

export interface FollowFleetOptions {
  readonly intake: Pick<OpenedIntake, 'lanes' | 'relay'>;
  readonly store: Pick<QueueStore, 'head'>;
  /** Of this process. */
  readonly figures: Figures;
  readonly log: Logger;
}

/** What all processes do and what waits for them, read in the background. */
export interface FollowedFleet {
  readonly backlog: Backlog;
  readonly history: FleetHistory;
  /** What waits on each lane. */
  waiting(): readonly WaitingLane[];
  close(): Promise<void>;
}

/** Tells the other processes what this one counts, and follows what all do. */
export async function followFleet({
  intake: { lanes, relay },
  store,
  figures,
  log,
}: FollowFleetOptions): Promise<FollowedFleet> {
  const backlog = new Backlog(lanes);
  const ages = new LaneAges(lanes, store.head);
  const waiting = () => lanesNow(lanes(), backlog, ages);
  const history = new FleetHistory({ relay, figures, lanes: waiting });
  await backlog.follow();
  await ages.follow();
  const sharing = shareFigures({ relay, figures, log });
  await history.follow();
  return {
    backlog,
    history,
    waiting,
    async close() {
      history.close();
      await sharing.close();
      ages.close();
      backlog.close();
    },
  };
}
