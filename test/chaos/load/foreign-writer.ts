import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Random, seededRandom } from '../random.ts';
import { ACTIVE_ORGANIZATIONS } from './organizations.ts';

const EVERY_MS = 40;
const RECONNECT_AFTER_MS = 500;
/** It commits at once, or after so long: then others wait for it, and find that it came first. */
const LONGEST_OPEN_MS = 30;

export interface ForeignWriter {
  /** How many rows it added, and how often somebody else's row was there first. */
  readonly counts: { rows: number; late: number };
  stop(): Promise<void>;
}

export interface ForeignWriterOptions {
  readonly databaseUrl: string;
  /** The users that the product is at work for, and those who are about to come. */
  readonly users: () => readonly string[];
  readonly seed: number;
}

/** Adds profiles and customers of the same users all the time, without asking us, as an import does. */
export function writeForeignRows({ databaseUrl, users, seed }: ForeignWriterOptions): ForeignWriter {
  const counts = { rows: 0, late: 0 };
  const random = seededRandom(seed);
  const over = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: over.signal }).catch(() => {});

  const writeUntilLost = async () => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
    client.on('error', () => {});
    try {
      await client.connect();
      while (!over.signal.aborted) {
        if (users().length > 0) await write(client, random.pick(users()), random, counts);
        await pause(EVERY_MS);
      }
    } finally {
      await client.end();
    }
  };
  const running = (async () => {
    while (!over.signal.aborted) {
      await writeUntilLost().catch(() => {});
      await pause(RECONNECT_AFTER_MS);
    }
  })();
  return {
    counts,
    async stop() {
      over.abort();
      await running;
    },
  };
}

/** Only inserts, each as somebody writes it who thinks that he is alone. */
async function write(
  client: pg.Client,
  userId: string,
  random: Random,
  counts: ForeignWriter['counts'],
): Promise<void> {
  const organizationId = random.pick(ACTIVE_ORGANIZATIONS);
  await client.query('begin');
  try {
    await client.query('insert into users (id) values ($1) on conflict do nothing', [userId]);
    const profile = await client.query(
      `insert into user_profiles (user_id, profile_type, organization_id) values ($1, 'customer', $2)
       on conflict do nothing`,
      [userId, organizationId],
    );
    const customer = await client.query(
      `insert into customers (user_id, organization_id, user_profile_id)
       select $1, $2, id from user_profiles where user_id = $1 and profile_type = 'customer'`,
      [userId, organizationId],
    );
    if (random.chance(0.5)) await sleep(random.between(1, LONGEST_OPEN_MS));
    await client.query('commit');
    counts.rows += (profile.rowCount ?? 0) + (customer.rowCount ?? 0);
  } catch (error) {
    await client.query('rollback');
    if (!(error instanceof pg.DatabaseError && error.code === '23505')) throw error;
    counts.late++;
  }
}
