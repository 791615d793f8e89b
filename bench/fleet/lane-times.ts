import { laneIndexOf } from '../../src/lanes.ts';
import { DEFAULT_LANES } from '../backlog.ts';
import type { Services } from '../system/services.ts';

/**
 * The longest time in which some lane applied nothing, between two moments, in
 * milliseconds. Read from the issues afterwards, so that looking changes nothing.
 */
export async function longestPause(services: Services, from: number, to: number): Promise<number> {
  const rows = await services.ask(
    `select c.user_id, extract(epoch from i.created_at)::float8 * 1000 as at
       from issues i join customers c on c.id = i.customer_id
      where i.created_at between to_timestamp($1::float8 / 1000) and to_timestamp($2::float8 / 1000)
      order by i.created_at`,
    [from, to],
  );
  const last = Array<number>(DEFAULT_LANES).fill(from);
  let longest = 0;
  for (const { user_id: userId, at } of rows) {
    if (typeof userId !== 'string' || typeof at !== 'number')
      throw new TypeError('not a row of the question');
    const lane = laneIndexOf(userId, DEFAULT_LANES);
    longest = Math.max(longest, at - (last[lane] ?? from));
    last[lane] = at;
  }
  return Math.max(longest, ...last.map(at => to - at));
}

/** @throws when one is missing, or one user's were not applied in the order in which they were queued */
export async function expectOrder(services: Services, queued: number): Promise<void> {
  const [row] = await services.ask(
    `select count(*)::int as issues,
            count(*) filter (where nth < before)::int as overtaken
       from (select nth, lag(nth) over (partition by user_id order by number) as before
               from (select c.user_id, i.number, split_part(i.title, '#', 2)::int as nth
                       from issues i join customers c on c.id = i.customer_id) numbered) ordered`,
  );
  if (row?.issues !== queued) throw new Error(`${queued} submissions made ${row?.issues} issues`);
  if (row.overtaken !== 0) throw new Error(`${row.overtaken} submissions overtook their user's earlier ones`);
}
