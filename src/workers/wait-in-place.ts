import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneJob } from '../queue-store.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/**
 * Waits before the database is tried again, longer each time. The lane stays
 * ours, its lock renewed, and the dashboard sees why it stands still.
 *
 * @throws AbortError when the lane is to rest
 */
export async function waitInPlace(head: LaneJob, attempt: number, resting: AbortSignal): Promise<void> {
  // Only for people: a queue store that is away too must not add to the trouble.
  if (attempt === 1) void head.updateProgress({ waitingFor: 'database' }).catch(() => {});
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal: resting });
}
