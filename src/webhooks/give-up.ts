import type { MikroORM } from '@mikro-orm/postgresql';

/*
 * What is not told any more: outcomes that are too old. They are kept for a while,
 * so that they can be tried again.
 */

/** How long an outcome is worth to be told; counted from when it was decided. */
export const GIVE_UP_AFTER = '3 days';

/** Counted from when it was given up. */
const KEPT_FOR = '30 days';

const IN_STATEMENT = 1000;
const MOST_AT_ONCE = 10_000;

/*
 * The first in the order are the oldest, give or take a few seconds. One that has
 * a failure and no tries has been put back: it is to be tried before.
 */
const GIVE_UP = `
  with first as (
    select position, entry, place, decided_at from webhook_deliveries
     where endpoint_id = ? and failed_at is null and not (tries = 0 and failure is not null)
     order by position, entry, place limit ${IN_STATEMENT}
  ), given_up as (
    update webhook_deliveries d
       set failed_at = now(), failure = coalesce(d.failure, 'not tried, for others failed')
      from first f
     where d.endpoint_id = ? and d.position = f.position and d.entry = f.entry and d.place = f.place
       and f.decided_at < now() - interval '${GIVE_UP_AFTER}' and d.failed_at is null
    returning 1
  )
  select count(*)::int as n from given_up`;

const REMOVE = `
  with old as (
    select endpoint_id, position, entry, place from webhook_deliveries
     where failed_at < now() - interval '${KEPT_FOR}' limit ${MOST_AT_ONCE} for update skip locked
  )
  delete from webhook_deliveries d using old o
   where d.endpoint_id = o.endpoint_id and d.position = o.position and d.entry = o.entry and d.place = o.place`;

/**
 * Gives up what an endpoint should have been told three days ago, tried or not; at
 * most 10,000.
 *
 * @returns how many
 * @throws the database's error
 */
export async function giveUpOld(orm: MikroORM, endpointId: string): Promise<number> {
  let sum = 0;
  for (let last = IN_STATEMENT; last === IN_STATEMENT && sum < MOST_AT_ONCE; sum += last) {
    const [row] = await orm.em.getConnection().execute<{ n: number }[]>(GIVE_UP, [endpointId, endpointId]);
    last = row?.n ?? 0;
  }
  return sum;
}

/** Removes what was given up 30 days ago; at most 10,000. @throws the database's error */
export async function removeGivenUp(orm: MikroORM): Promise<void> {
  await orm.em.getConnection().execute(REMOVE);
}
