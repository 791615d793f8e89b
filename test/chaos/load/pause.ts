const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

/** Until the same request is sent again: as long as was asked for; without an answer longer each time, so that what starts is not overrun. */
export function pauseMs(retryAfter: string | null | undefined, unanswered: number): number {
  if (retryAfter) return Number(retryAfter) * 1000;
  return Math.min(FIRST_PAUSE_MS * 2 ** unanswered, LONGEST_PAUSE_MS);
}
