import { crc32 } from 'node:zlib';

/*
 * A lane is one of LANES queues: what streaming systems call a partition. Order
 * per user rests on two facts. A user has one lane, because a lane is chosen by
 * a stable hash of the user id; and a lane has one job at a time, because its
 * queue's global concurrency is 1. So another number of lanes is another epoch,
 * with lanes of its own, which nobody takes from before those of the last epoch
 * are drained (docs/lanes.md).
 */

/** More would be more than a worker process can open. */
export const MOST_LANES = 1024;

/** A time in which the number of lanes is the same. The first has the number 1. */
export interface Epoch {
  readonly number: number;
  readonly lanes: number;
}

/** One of the lanes, 0 to `of` - 1. */
export interface Lane {
  readonly index: number;
  readonly of: number;
  /** The number of its epoch; the first where it is left out. */
  readonly epoch?: number;
}

/** The lane of a user: CRC-32 (RFC 1952) of the id's UTF-8 bytes, modulo the number of lanes. */
export function laneIndexOf(userId: string, lanes: number): number {
  return crc32(userId) % lanes;
}

export function allLanes(of: number): Lane[] {
  return Array.from({ length: of }, (_, index) => ({ index, of }));
}

export function lanesOf({ number, lanes }: Epoch): Lane[] {
  return allLanes(lanes).map(lane => (number === 1 ? lane : { ...lane, epoch: number }));
}

/** The lane of a user in an epoch. */
export function laneOf({ number, lanes }: Epoch, userId: string): Lane {
  const lane = { index: laneIndexOf(userId, lanes), of: lanes };
  return number === 1 ? lane : { ...lane, epoch: number };
}

/**
 * The name of a lane for people: `lane-07-16`, lane 7 of 16, or in a later epoch
 * `lane-07-16-e2`. No two epochs have a name in common.
 */
export function laneLabel({ index, of, epoch = 1 }: Lane): string {
  const label = `lane-${twoDigits(index)}-${twoDigits(of)}`;
  return epoch === 1 ? label : `${label}-e${epoch}`;
}

/** The same, short, for pictures and metrics: `07`, or in a later epoch `07-e2`. */
export function shortLabel({ index, epoch = 1 }: Pick<Lane, 'index' | 'epoch'>): string {
  return epoch === 1 ? twoDigits(index) : `${twoDigits(index)}-e${epoch}`;
}

/**
 * The name of a lane's queue. The braces are a Redis Cluster hash tag: a lane's
 * keys share one hash slot. This spelling spreads 16 lanes as 5, 5 and 6 over
 * three masters; `lane-07` alone would put 8 on one of them.
 */
export function laneQueueName(lane: Lane): string {
  return `{${laneLabel(lane)}}`;
}

/**
 * The class of the lanes' advisory locks. Any number will do, as long as every
 * version of this program uses the same.
 */
export const LANES_CLASS = 7_470_022;

/** A number that no other lane of its epoch has, nor of one with another number of lanes. */
export function laneNumber({ index, of }: Lane): number {
  return of * 65_536 + index;
}

/** What a pattern of SQL's `like` matches exactly when it is the name of a queue of this epoch's. */
export function laneQueuePattern(epoch: Epoch): string {
  const [first = { index: 0, of: epoch.lanes }] = lanesOf(epoch);
  return laneQueueName(first).replace('lane-00-', 'lane-%-');
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
