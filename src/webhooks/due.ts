import type { MikroORM } from '@mikro-orm/postgresql';
import type { Mark } from './watermark.ts';

/*
 * Whose turn it is. The endpoints that have anything to be told are found by
 * steps along the index, from each to the next: what that costs depends on how
 * many they are, and neither on how much each is to be told nor on how many
 * endpoints there are.
 */
const DUE = `
  with recursive waiting (id) as (
    (select endpoint_id from webhook_deliveries where failed_at is null order by endpoint_id limit 1)
    union all
    select (select d.endpoint_id from webhook_deliveries d
             where d.failed_at is null and d.endpoint_id > w.id order by d.endpoint_id limit 1)
      from waiting w where w.id is not null
  )
  select e.id, (extract(epoch from next.due_at - now()) * 1000)::float8 as ms
    from waiting w
    join webhook_endpoints e on e.id = w.id and e.active
   cross join lateral (
     select case when e.ordered then (
         select case when (d.position, d.entry) <= (?::bigint, ?::bigint) then d.due_at end
           from webhook_deliveries d
          where d.endpoint_id = e.id and d.failed_at is null
          order by d.position, d.entry, d.place limit 1
       ) else (
         select d.due_at from webhook_deliveries d
          where d.endpoint_id = e.id and d.failed_at is null
          order by d.due_at limit 1
       ) end as due_at
   ) next
   where next.due_at <= now() + ? * interval '1 millisecond'`;

/** An endpoint, and in how many milliseconds it is to be told something: 0 or less when that is now. */
export interface Due {
  readonly id: string;
  readonly ms: number;
}

/** The endpoints that are to be told something within so many milliseconds. @throws the database's error */
export async function findDue(orm: MikroORM, mark: Mark, withinMs: number): Promise<Due[]> {
  return orm.em.getConnection().execute<Due[]>(DUE, [mark.position, mark.entry, withinMs]);
}
