/*
 * A user's raises fill a bucket: one each. It leaks at a steady rate, and what
 * would make it overflow is refused. That is the token bucket, and GCRA, told by
 * what was used rather than by what is left. All that has to be kept is the moment
 * at which the bucket is empty again.
 */

export interface RateLimit {
  /** What leaks out, and so what may go on for ever. */
  readonly perSecond: number;
  /** What the bucket holds: may come at once after a rest. */
  readonly burst: number;
}

/** What a process asks of a bucket that all processes share. */
export interface Charge {
  readonly limit: RateLimit;
  /** Let in already: it goes into the bucket even where it overflows. */
  readonly debt: number;
  /** What is to be let in: as much of it as has room. */
  readonly wanted: number;
}

export interface Charged {
  /** How much of what was wanted had room. */
  readonly granted: number;
  /** How full the bucket is now. */
  readonly level: number;
}

/** Times carry rounding errors of about a microsecond. */
export const ROUNDING = 1e-6;

/** How full a bucket is that leaks dry at `emptyAt`; both in milliseconds of one clock. */
export function levelAt(emptyAt: number, now: number, { perSecond }: RateLimit): number {
  return (Math.max(0, emptyAt - now) * perSecond) / 1000;
}

/** When a bucket as full as `level` is empty. */
export function emptyAt(level: number, now: number, { perSecond }: RateLimit): number {
  return now + (level * 1000) / perSecond;
}

/** Whether one more has room. */
export function hasRoom(level: number, { burst }: RateLimit): boolean {
  return level + 1 <= burst + ROUNDING;
}

/** Whole seconds until one more has room, at least 1. */
export function secondsUntilRoom(level: number, { perSecond, burst }: RateLimit): number {
  return Math.max(1, Math.ceil((level + 1 - burst) / perSecond - ROUNDING));
}
