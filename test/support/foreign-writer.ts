import pg from 'pg';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait-for.ts';

export interface ForeignWriter {
  readonly query: (sql: string, parameters?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
  /** Resolves when `count` others wait for a lock that this connection holds. */
  isWaitedFor(count?: number): Promise<void>;
}

/** A connection that writes to our tables without asking us, as an import or an administrator does. */
export async function openForeignWriter(url: string): Promise<ForeignWriter> {
  const [writer, observer] = [await connect(url), await connect(url)];
  const { rows } = await writer.query<{ pid: number }>('select pg_backend_pid() pid');
  const blocked = 'select 1 from pg_stat_activity where $1::int = any(pg_blocking_pids(pid))';

  return {
    query: async (sql, parameters) =>
      (await writer.query<Record<string, unknown>>(sql, parameters && [...parameters])).rows,
    async isWaitedFor(count = 1) {
      await waitFor(async () => (await observer.query(blocked, [rows[0]?.pid])).rowCount === count);
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}
