import { Socket } from 'node:net';
import type pg from 'pg';

const SECOND = 1000;

/** How much longer than the longest statement a server may be silent. */
const GRACE_MS = 5 * SECOND;

/**
 * Limits, so that no connection waits for ever. The server ends a transaction
 * whose process has stopped (SIGSTOP, a lost machine): it holds locks that the
 * lane's next owner needs. We give up a server from which nothing comes.
 *
 * @param statementTimeoutMs how long a statement may take; 0 for any time
 * @param onPool told of the pool when it is made
 */
export function connectionOptions(statementTimeoutMs: number, onPool: (pool: pg.Pool) => void) {
  return {
    connectionTimeoutMillis: 5 * SECOND,
    idle_in_transaction_session_timeout: 10 * SECOND,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    stream: () => (statementTimeoutMs === 0 ? new Socket() : impatientSocket(statementTimeoutMs + GRACE_MS)),
    onPoolCreated: (pool: pg.Pool) => {
      releaseLostConnections(pool);
      onPool(pool);
    },
  };
}

function impatientSocket(silenceMs: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(silenceMs, () => socket.destroy());
}

/**
 * Kysely 0.29 gives a connection back only after a COMMIT or ROLLBACK that
 * worked: one that is lost in the middle of a transaction would count as used
 * for ever, and after as many as the pool has nothing could be done any more.
 * One that is opened while the pool is closing it never gives back at all, and
 * closing would wait for it.
 */
function releaseLostConnections(pool: pg.Pool): void {
  pool.on('connect', client => {
    client.once('end', () => {
      try {
        client.release(true);
      } catch {
        // It was in the pool, which has thrown it away by itself.
      }
      client.release = () => {};
    });
    if (pool.ending) void client.end();
  });
}
