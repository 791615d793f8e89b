import type { LaneJob } from '../queue-store.ts';

/** A submission that ended without an issue, as redriving sees it. */
export interface Candidate {
  readonly id: string;
  readonly userId: string;
  readonly code: string;
  readonly acceptedAt: Date;
  /** Of its refusal; undefined when only its failed job tells of it. */
  readonly attempt: number | undefined;
  /** Its failed job, if that is on a lane that nobody serves any more. */
  readonly left?: LaneJob;
}

/** A user's together, each user's in the order in which they were accepted. */
export function inOrder(all: readonly Candidate[]): Candidate[] {
  return all.toSorted(
    (one, other) =>
      compare(one.userId, other.userId) ||
      one.acceptedAt.getTime() - other.acceptedAt.getTime() ||
      compare(one.id, other.id),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
