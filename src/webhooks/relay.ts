import type { MikroORM } from '@mikro-orm/postgresql';

/*
 * From the outbox to the endpoints: what one unit of work did becomes a delivery
 * for each endpoint that was active then, of each organization that it did it for.
 * One that is inactive by now has them waiting, one that is deleted gets none, and
 * one that has come since is told nothing of before. In one statement, so
 * an entry is in the outbox, or its deliveries are there; never both, never
 * neither. Any number of processes may do it at once: each takes what no other
 * has taken. The oldest are asked for in an array, because that is asked once:
 * "in (select)" may be planned as a join that asks again for each row of the outbox,
 * and by then gets others, so that it takes them all.
 *
 * The position of an issue is its number. What was refused has the position of
 * the issue before it in its unit of work, or of what the whole entry follows.
 */
const RELAY = `
  with taken as (
    delete from outbox
     where id = any (array(select id from outbox order by id limit ? for update skip locked))
    returning id, follows, outcomes, endpoints, decided_at
  ), endpoint as (
    select t.id as entry, e.id, e.organization_id
      from taken t
     cross join lateral unnest(t.endpoints) as told (id)
      join webhook_endpoints e on e.id = told.id
  ), outcome as (
    select t.id as entry, o.place, o.id, t.decided_at, o.code, o.detail,
           coalesce(o.status, 'applied') as status,
           coalesce(i.organization_id, o."organizationId") as organization_id,
           coalesce(i.user_id, o."userId") as user_id,
           greatest(t.follows, max(i.number) over (partition by t.id order by o.place)) as position
      from taken t
     cross join lateral rows from (
       jsonb_to_recordset(t.outcomes) as
         (id uuid, "organizationId" uuid, "userId" text, status text, code text, detail text)
     ) with ordinality as o (id, "organizationId", "userId", status, code, detail, place)
      left join lateral (
        select i.number, i.organization_id, c.user_id
          from issues i join customers c on c.id = i.customer_id
         where i.id = o.id and o.status is null
         limit 1
      ) i on true
  ), added as (
    insert into webhook_deliveries
      (endpoint_id, position, entry, place, submission_id, status, code, detail, user_id, decided_at)
    select e.id, o.position, o.entry, o.place, o.id, o.status, o.code, o.detail, o.user_id, o.decided_at
      from outcome o
      join endpoint e on e.entry = o.entry and e.organization_id = o.organization_id
    returning 1
  )
  select (select count(*)::int from taken) as entries, (select count(*)::int from added) as deliveries`;

export interface Relayed {
  readonly entries: number;
  readonly deliveries: number;
}

/**
 * Takes the oldest entries out of the outbox, at most so many.
 *
 * @throws the database's error; nothing is taken then
 */
export async function relay(orm: MikroORM, most: number): Promise<Relayed> {
  const [relayed = { entries: 0, deliveries: 0 }] = await orm.em
    .getConnection()
    .execute<Relayed[]>(RELAY, [most]);
  return relayed;
}
