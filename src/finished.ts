import type { LaneJob } from './queue-store.ts';
import type { Outcome } from './submission.ts';

/** A job, and what became of its submission. */
export interface Finished {
  readonly job: LaneJob;
  readonly outcome: Outcome;
}

/**
 * A batch in parts, each to be finished in one round trip: where the store keeps
 * the order of commands that is a run of applied submissions, else each alone.
 */
export function sendableTogether(batch: readonly Finished[], keepsCommandOrder: boolean): Finished[][] {
  const runs: Finished[][] = [];
  for (const finished of batch) {
    const run = runs.at(-1);
    const joins = keepsCommandOrder && finished.outcome.status === 'applied';
    if (joins && run?.[0]?.outcome.status === 'applied') run.push(finished);
    else runs.push([finished]);
  }
  return runs;
}
