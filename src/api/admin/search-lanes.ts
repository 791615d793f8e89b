import pLimit from 'p-limit';
import { laneDigits, laneIndexOf } from '../../lanes.ts';
import type { LaneQueue } from '../../queue-store.ts';
import type { Submission } from '../../submission.ts';
import { findOnLane, type LaneLook, lookThroughLane, type OnLane } from './lane-jobs.ts';
import type { Meanings } from './search-words.ts';

/** Jobs of each state that are read, of the one lane that a user can be on, and of all the others together. */
const MOST_OF_USER = 2_000;
const MOST_OF_OTHERS = 2_000;
const LEAST_OF_LANE = 20;
const LANES_AT_ONCE = 4;

/** For a person who waits, when lanes are long and the store is busy. */
const LOOK_FOR_MS = 5_000;

export interface OnLanes {
  readonly found: readonly OnLane[];
  readonly cut: readonly string[];
}

/**
 * What is on the lanes. A user has one lane, so that one is looked through far; of
 * the others only the newest jobs are, for a key or an organization.
 *
 * @param organizationIds those that the text names
 * @throws QueueUnavailableError
 */
export async function searchLanes(
  queues: readonly LaneQueue[],
  { text, ids, isKeyOf }: Meanings,
  organizationIds: readonly string[],
): Promise<OnLanes> {
  const organizations = new Set([text.toLowerCase(), ...organizationIds]);
  const usersLane = laneIndexOf(text, queues.length);
  const share = Math.max(LEAST_OF_LANE, Math.floor(MOST_OF_OTHERS / queues.length));
  const deadline = performance.now() + LOOK_FOR_MS;
  const isWanted = ({ id, userId, organizationId }: Submission) =>
    userId === text || organizations.has(organizationId.toLowerCase()) || isKeyOf(userId, id);

  const named = await Promise.all(ids.map(id => findOnLane(queues, id)));
  // First, so that the others leave it time enough.
  const first =
    queues[usersLane] &&
    (await lookThroughLane(queues[usersLane], usersLane, { most: MOST_OF_USER, deadline }, isWanted));
  const looks = await pLimit(LANES_AT_ONCE).map(queues, async (queue, lane) =>
    lane === usersLane && first ? first : lookThroughLane(queue, lane, { most: share, deadline }, isWanted),
  );
  return {
    found: [...named.filter(each => each !== undefined), ...looks.flatMap(({ found }) => found)],
    cut: looks.flatMap((look, lane) => sayCut(look, laneDigits(lane))),
  };
}

function sayCut({ cutAt }: LaneLook, lane: string): string[] {
  return cutAt === undefined ? [] : [`lane ${lane}: the newest ${cutAt} of those that wait`];
}
