import pg from 'pg';
import type { Random } from '../random.ts';

/** Many, so that users become customers of new ones all the time. */
const ACTIVE = 40;
const INACTIVE = '0199c000-0000-7000-8000-0000000000ff';
const UNKNOWN = '0199c000-0000-7000-8000-0000000000fe';

export const ACTIVE_ORGANIZATIONS = Array.from(
  { length: ACTIVE },
  (_, n) => `0199c000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
);

/** One that a user raises an issue for: now and then one that refuses it. */
export function pickOrganization(random: Random): string {
  if (random.chance(0.03)) return INACTIVE;
  if (random.chance(0.01)) return UNKNOWN;
  return random.pick(ACTIVE_ORGANIZATIONS);
}

export async function addOrganizations(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into organizations (id, name, active) select id, 'Organization ' || id, id <> $2 from unnest($1::uuid[]) id`,
      [[...ACTIVE_ORGANIZATIONS, INACTIVE], INACTIVE],
    );
  } finally {
    await client.end();
  }
}
