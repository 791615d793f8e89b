import { crc32 } from 'node:zlib';

/*
 * A lane is one of LANES queues: what streaming systems call a partition. Order
 * per user rests on two facts. A user has one lane, because a lane is chosen by
 * a stable hash of the user id; and a lane has one job at a time, because its
 * queue's global concurrency is 1. So the number of lanes may not change while
 * lanes hold work: a user's new submission would overtake the old ones on
 * another lane.
 */

/** One of the lanes, 0 to `of` - 1. */
export interface Lane {
  readonly index: number;
  readonly of: number;
}

/** The lane of a user: CRC-32 (RFC 1952) of the id's UTF-8 bytes, modulo the number of lanes. */
export function laneIndexOf(userId: string, lanes: number): number {
  return crc32(userId) % lanes;
}

export function allLanes(of: number): Lane[] {
  return Array.from({ length: of }, (_, index) => ({ index, of }));
}

/** The name of a lane for people: `lane-07-16`, lane 7 of 16. */
export function laneLabel({ index, of }: Lane): string {
  return `lane-${twoDigits(index)}-${twoDigits(of)}`;
}

/** Short, where the number of lanes is known: `07`. */
export function laneDigits(index: number): string {
  return twoDigits(index);
}

/**
 * The name of a lane's queue. The braces are a Redis Cluster hash tag: a lane's
 * keys share one hash slot. This spelling spreads 16 lanes as 5, 5 and 6 over
 * three masters; `lane-07` alone would put 8 on one of them.
 */
export function laneQueueName(lane: Lane): string {
  return `{${laneLabel(lane)}}`;
}

/** A number that no other lane has, of however many lanes. */
export function laneNumber({ index, of }: Lane): number {
  return of * 65_536 + index;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
