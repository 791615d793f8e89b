import type { Logger } from 'pino';
import { messageOf } from './errors.ts';

/*
 * In an outage every queue and connection of a process meets the same error
 * several times a second: 80 lines a second with 16 lanes. It is said once, and
 * again every 5 s.
 */

const SAY_EVERY_MS = 5000;
const MOST_REMEMBERED = 100;

/** When each was said last, in this process. */
const saidAt = new Map<string, number>();

/** Logs an error of a connection to the queue store, unless the same was said just before. */
export function logConnectionError(log: Logger, error: unknown, where: string): void {
  const key = messageOf(error);
  const now = performance.now();
  if (now - (saidAt.get(key) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return;
  if (saidAt.size >= MOST_REMEMBERED) saidAt.clear();
  saidAt.set(key, now);
  log.warn({ err: error, where, reason: key }, 'queue store connection');
}
