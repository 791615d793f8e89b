import pLimit from 'p-limit';
import { laneDigits, laneIndexOf } from '../../lanes.ts';
import type { LaneQueue } from '../../queue-store.ts';
import { findOnLane, type LaneLook, lookThroughLane, type OnLane } from './lane-jobs.ts';
import type { Meanings } from './search-words.ts';

/** Jobs of each state that are read, of the one lane that a user can be on, and of all the others together. */
const MOST_OF_USER = 2_000;
const MOST_OF_OTHERS = 2_000;
const LEAST_OF_LANE = 20;
const LANES_AT_ONCE = 4;

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
  const mostOf = (lane: number) => (lane === usersLane ? MOST_OF_USER : share);

  const named = await Promise.all(ids.map(id => findOnLane(queues, id)));
  const looks = await pLimit(LANES_AT_ONCE).map(queues, (queue, lane) =>
    lookThroughLane(
      queue,
      lane,
      mostOf(lane),
      ({ id, userId, organizationId }) =>
        userId === text || organizations.has(organizationId.toLowerCase()) || isKeyOf(userId, id),
    ),
  );
  return {
    found: [...named.filter(each => each !== undefined), ...looks.flatMap(({ found }) => found)],
    cut: looks.flatMap((look, lane) => sayCut(look, laneDigits(lane), mostOf(lane))),
  };
}

function sayCut({ cut }: LaneLook, lane: string, most: number): string[] {
  return cut ? [`lane ${lane}: the newest ${most} of those that wait`] : [];
}
