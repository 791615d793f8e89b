import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { backlogOf } from './system/lane-keys.ts';
import type { System } from './system/system.ts';

const LOOK_EVERY_MS = 500;
/** Counting takes PostgreSQL some milliseconds. */
const COUNT_EVERY = 4;
const COUNT_WITHIN_MS = 2000;

/** How it stood at one moment; undefined where the store did not answer. */
export interface Sample {
  readonly at: number;
  readonly backlog: number | undefined;
  readonly applied: number | undefined;
}

export interface Watch {
  readonly samples: readonly Sample[];
  stop(): Promise<void>;
}

/** Looks at backlog and issues all the time, past the network that is troubled. */
export function watch(system: System): Watch {
  const samples: Sample[] = [];
  const over = new AbortController();
  const running = (async () => {
    for (let look = 0; !over.signal.aborted; look++) {
      const [backlog, applied] = await Promise.all([
        backlogOf(system.redis.control).catch(() => undefined),
        look % COUNT_EVERY === 0 ? countIssues(system.postgres.url) : samples.at(-1)?.applied,
      ]);
      samples.push({ at: Date.now(), backlog, applied });
      await sleep(LOOK_EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  return {
    samples,
    async stop() {
      over.abort();
      await running;
    },
  };
}

/** Undefined when the database does not tell. */
export async function countIssues(databaseUrl: string): Promise<number | undefined> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: COUNT_WITHIN_MS,
    query_timeout: COUNT_WITHIN_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ count: number }>('select count(*)::int from issues');
    return rows[0]?.count;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}
