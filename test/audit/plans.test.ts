import pg from 'pg';
import { expect, it } from 'vitest';
import { DOMAIN_RULES, SKEW_SETTING } from '../../src/audit/domain-rules.ts';
import { freshDatabase } from '../support/services.ts';
import { fill } from './support/fill.ts';

const FEW = 5_000;
const TIMES = 8;

/** Reading is in proportion to the rows, sorting a little more than that. Comparing each with each would be 64. */
const MOST_TIMES_AS_DEAR = 12;

it('no rule grows dearer much faster than the tables grow', async () => {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`select set_config('${SKEW_SETTING}', '0', false)`);
  await client.query('set max_parallel_workers_per_gather = 0');

  await fill(client, { issues: FEW });
  const before = await costs(client);
  await fill(client, { issues: FEW * (TIMES - 1) });
  const after = await costs(client);

  const dearer = [...before].map(([name, cost]) => [name, (after.get(name) ?? Infinity) / cost] as const);
  expect(dearer).toHaveLength(11);
  expect(dearer.filter(([, times]) => times > MOST_TIMES_AS_DEAR)).toEqual([]);
  await client.end();
  await database.drop();
});

/** What the planner thinks that each rule costs. */
async function costs(client: pg.Client): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { name, sql } of DOMAIN_RULES) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: { 'Total Cost': number } }] }>(
      `explain (format json) ${sql}`,
    );
    found.set(name, rows[0]?.['QUERY PLAN'][0].Plan['Total Cost'] ?? Infinity);
  }
  return found;
}
