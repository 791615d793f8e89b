import { type Lane, laneQueueName } from '../lanes.ts';

/*
 * Where things are on Bull Board. The board groups queues by the part of their
 * name in front of a delimiter; lanes have one name in common and would be one
 * long list, so they are put into groups of eight.
 */

export const BOARD_PATH = '/admin/queues';
export const GROUP_DELIMITER = ': ';

const LANES_PER_GROUP = 8;

/** What the board puts before a lane's name: `lanes 08-15: `. */
export function groupPrefix({ index, of }: Lane): string {
  const first = index - (index % LANES_PER_GROUP);
  const last = Math.min(first + LANES_PER_GROUP, of) - 1;
  return `lanes ${boardNumber(first, of)}-${boardNumber(last, of)}${GROUP_DELIMITER}`;
}

/** As many digits for all lanes, so that they sort. */
export function boardNumber(index: number, of: number): string {
  return String(index).padStart(String(of - 1).length, '0');
}

/** The page of a submission's job. */
export function jobPath(lane: Lane, id: string): string {
  return `${BOARD_PATH}/queue/${encodeURIComponent(groupPrefix(lane) + laneQueueName(lane))}/${id}`;
}
