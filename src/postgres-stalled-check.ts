import type pg from 'pg';
import type { Logger } from 'pino';
import { STALLED_CHECK_MS } from './bullmq-options.ts';

/*
 * BullMQ's tables, read and written directly: of version 6.7.0. A job keeps its
 * place (`seq`) while it is active; BullMQ's own check gives it a new one.
 */
const FREE_STALLED_LANES = `
  with freed as (
    update job
       set state = 'waiting', lock_token = null, locked_until_ms = null, stalled_count = stalled_count + 1
     where state = 'active' and locked_until_ms < $1 and queue like '{lane-%'
    returning queue
  )
  select pg_notify('bullmq_jobs', queue), queue from freed`;

/**
 * Frees the lanes of dead processes, again and again. BullMQ's own check puts
 * the interrupted job at the end of its lane, behind the user's later ones;
 * giving it back unchanged keeps the order.
 *
 * @param pool its connections find BullMQ's tables without a schema's name
 * @returns the timer, for the caller to clear
 */
export function startStalledCheck(pool: pg.Pool, log: Logger): NodeJS.Timeout {
  const check = async () => {
    try {
      const { rowCount } = await pool.query(FREE_STALLED_LANES, [Date.now()]);
      if (rowCount !== null && rowCount > 0) log.warn({ lanes: rowCount }, 'taken over from a dead process');
    } catch (error) {
      log.warn({ err: error }, 'cannot look for stalled lanes');
    }
  };
  void check();
  return setInterval(check, STALLED_CHECK_MS);
}
