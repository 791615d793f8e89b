import { readRecords, type Settings, writeLanes } from '../epoch-records.ts';
import { liveEpochs, type Standing, standingOf } from '../epochs.ts';
import { CannotRunError } from '../errors.ts';
import type { Epoch } from '../lanes.ts';

/*
 * All that it takes to change the number of lanes is one record, written once:
 * that there is another epoch, and how many lanes it has. Everything else is done
 * by those who read it (docs/lanes.md).
 */

/** Somebody is changing the number of lanes already. */
export class ResizeUnderWayError extends CannotRunError {
  constructor({ lanes }: Epoch) {
    super(`the number of lanes is being changed to ${lanes}; change it again when that is over`);
  }
}

/** Nothing has ever been put onto lanes of this store. */
export class NoLanesError extends CannotRunError {
  constructor() {
    super('this queue store has no lanes yet; the first process that uses it makes as many as LANES says');
  }
}

/** The store has been emptied before anybody read of the change. */
export class ResizeForgottenError extends CannotRunError {
  constructor() {
    super('the queue store has forgotten the change, as if it had been emptied; run the command again');
  }
}

/** @throws NoLanesError */
export async function readStanding(settings: Settings): Promise<Standing> {
  const standing = standingOf(await readRecords(settings));
  if (standing === undefined) throw new NoLanesError();
  return standing;
}

/**
 * Begins an epoch with another number of lanes, unless the last one has it.
 *
 * @returns how it stands then
 * @throws ResizeUnderWayError, NoLanesError
 */
export async function resize(settings: Settings, lanes: number): Promise<Standing> {
  const before = await readStanding(settings);
  const last = lastOf(before);
  if (last.lanes === lanes) return before;
  if (liveEpochs(before).length > 1) throw new ResizeUnderWayError(last);
  await writeLanes(settings, last.number + 1, lanes);
  const after = await readStanding(settings);
  // Another command was quicker.
  if (lastOf(after).lanes !== lanes) throw new ResizeUnderWayError(lastOf(after));
  return after;
}

export function lastOf({ epochs }: Standing): Epoch {
  const last = epochs.at(-1);
  if (last === undefined) throw new RangeError('there are no epochs');
  return last;
}
