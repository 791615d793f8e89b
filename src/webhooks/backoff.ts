/** No two tries of one delivery are further apart, whatever the receiver asks for. */
export const LONGEST_WAIT_MS = 60 * 60 * 1000;

/** How much of a wait is left to chance, so that what failed together does not come again together. */
const JITTER = 0.4;

/**
 * How long to wait after a failed try: longer each time, as long as the receiver
 * asks at least, an hour at most.
 *
 * @param firstMs how long after the first, about
 * @param failures how many have failed, from 1
 * @param askedMs what the receiver has asked for
 * @returns milliseconds
 */
export function waitAfter(firstMs: number, failures: number, askedMs = 0): number {
  const chance = 1 - JITTER / 2 + Math.random() * JITTER;
  const wait = firstMs * 2 ** (failures - 1) * chance;
  return Math.min(Math.max(wait, askedMs), LONGEST_WAIT_MS);
}
