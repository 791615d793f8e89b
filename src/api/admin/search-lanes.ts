import pLimit from 'p-limit';
import { everyLane, type LaneSet, lanesOfUser, type OpenLane } from '../../lane-set.ts';
import { shortLabel } from '../../lanes.ts';
import type { Submission } from '../../submission.ts';
import { findOnLane, type LaneLook, lookThroughLane, type OnLane } from './lane-jobs.ts';
import type { Meanings } from './search-words.ts';

/** Jobs of each state that are read, of the lanes that a user can be on, and of all the others together. */
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
 * What is on the lanes. A user has one lane, or two while the number of lanes is
 * being changed, so those are looked through far; of the others only the newest
 * jobs are, for a key or an organization.
 *
 * @param organizationIds those that the text names
 * @throws QueueUnavailableError
 */
export async function searchLanes(
  sets: readonly LaneSet[],
  { text, ids, isKeyOf }: Meanings,
  organizationIds: readonly string[],
): Promise<OnLanes> {
  const organizations = new Set([text.toLowerCase(), ...organizationIds]);
  const lanes = everyLane(sets);
  const users = lanesOfUser(sets, text);
  const others = lanes.filter(({ queue }) => !users.some(each => each.queue === queue));
  const share = Math.max(LEAST_OF_LANE, Math.floor(MOST_OF_OTHERS / lanes.length));
  const deadline = performance.now() + LOOK_FOR_MS;
  const isWanted = ({ id, userId, organizationId }: Submission) =>
    userId === text || organizations.has(organizationId.toLowerCase()) || isKeyOf(userId, id);

  const named = await Promise.all(ids.map(id => findOnLane(sets, id)));
  const lookThrough = (lane: OpenLane, most: number) =>
    lookThroughLane(lane, { most, deadline }, isWanted).then(look => ({ lane, look }));
  const looks: Looked[] = [];
  // First, so that the others leave it time enough.
  for (const lane of users) looks.push(await lookThrough(lane, MOST_OF_USER));
  looks.push(...(await pLimit(LANES_AT_ONCE).map(others, lane => lookThrough(lane, share))));
  return {
    found: [...named.filter(each => each !== undefined), ...looks.flatMap(({ look }) => look.found)],
    cut: looks.flatMap(sayCut),
  };
}

interface Looked {
  readonly lane: OpenLane;
  readonly look: LaneLook;
}

function sayCut({ lane: { lane }, look: { cutAt } }: Looked): string[] {
  return cutAt === undefined ? [] : [`lane ${shortLabel(lane)}: the newest ${cutAt} of those that wait`];
}
