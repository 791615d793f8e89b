import { everyLane, type LaneSet } from '../lane-set.ts';
import { shortLabel } from '../lanes.ts';
import type { WaitingLane } from '../metrics/lane-metrics.ts';
import type { Backlog } from './backlog.ts';
import type { LaneAges } from './lane-ages.ts';

/** What waits on each lane of all epochs that are not over, the oldest first. */
export function lanesNow(
  sets: readonly LaneSet[],
  backlog: Pick<Backlog, 'on'>,
  ages: Pick<LaneAges, 'of'>,
): WaitingLane[] {
  return everyLane(sets).map(({ lane, queue }) => ({
    lane: shortLabel(lane),
    waiting: backlog.on(queue),
    oldestMs: ages.of(queue) ?? null,
  }));
}
