import type { Queue } from 'bullmq';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CannotRunError } from './errors.ts';
import type { QueueStore } from './queue-store.ts';

/*
 * Every process must cut users into the same number of lanes, or two of them
 * would put one user on two lanes. The first process writes its number into the
 * store, as the only job of a queue that nobody serves: adding a job whose id
 * exists changes nothing, so on any store exactly one number wins.
 */

/** Nobody serves it. */
const SETTINGS_QUEUE = '{settings}';
const LANE_COUNT_ID = 'lanes';
const LaneCount = Type.Object({ lanes: Type.Integer({ minimum: 1 }) });

/** LANES differs from the number that the store was first used with. */
export class LaneCountMismatchError extends CannotRunError {
  readonly ours: number;
  readonly theirs: number;

  constructor(ours: number, theirs: number) {
    super(
      `LANES is ${ours}, but this queue store is in use with ${theirs} lanes; ` +
        `set LANES=${theirs}, or users' submissions would overtake one another`,
    );
    this.ours = ours;
    this.theirs = theirs;
  }
}

/** Opens the queue that holds the store's settings. */
export function openSettings(store: QueueStore): Queue {
  return store.openQueue(SETTINGS_QUEUE);
}

/**
 * Makes sure that this process and the store mean the same number of lanes.
 *
 * @throws LaneCountMismatchError
 */
export async function agreeOnLaneCount(settings: Queue, lanes: number): Promise<void> {
  const theirs = (await readLaneCount(settings)) ?? (await writeLaneCount(settings, lanes));
  if (theirs !== lanes) throw new LaneCountMismatchError(lanes, theirs);
}

/** The number of lanes that the store was first used with; undefined before that. */
export async function readLaneCount(settings: Queue): Promise<number | undefined> {
  const job = await settings.getJob(LANE_COUNT_ID);
  return job === undefined ? undefined : Value.Parse(LaneCount, job.data).lanes;
}

async function writeLaneCount(settings: Queue, lanes: number): Promise<number> {
  await settings.add(LANE_COUNT_ID, { lanes }, { jobId: LANE_COUNT_ID });
  return (await readLaneCount(settings)) ?? lanes;
}
