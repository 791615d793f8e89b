import { shortLabel } from '../lanes.ts';
import type { Snapshot } from './snapshot.ts';

/** The processes that are there: one that is about to end has left its lanes. The newest news last. */
export function presentOf(snapshots: readonly Snapshot[]): Snapshot[] {
  return snapshots.filter(({ isLast }) => !isLast);
}

/** The lanes that a process runs, by their short labels. */
export function labelsOf({ epoch = 1, lanes }: Snapshot): string[] {
  return lanes.map(index => shortLabel({ index, epoch }));
}

/** Who runs a lane. One that has died is shown for some seconds: the newest news counts. */
export function ownerOf(lane: string, present: readonly Snapshot[]): Snapshot | undefined {
  return present.findLast(process => labelsOf(process).includes(lane));
}
