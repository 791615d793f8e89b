import type { MikroORM } from '@mikro-orm/postgresql';
import type { LeftToTell } from '../figures/webhook-figures.ts';

/** Of the outbox only the oldest entry: to count what is in all of them would be to read them. */
const LEFT = `
  select count(*)::int as deliveries,
         coalesce(extract(epoch from now() - least(
           min(d.decided_at), (select decided_at from outbox order by id limit 1)
         )), 0)::float8 as "oldestSeconds"
    from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id and e.active
   where d.failed_at is null`;

/** @throws the database's error */
export async function countLeft(orm: MikroORM): Promise<LeftToTell> {
  const [left = { deliveries: 0, oldestSeconds: 0 }] = await orm.em
    .getConnection()
    .execute<LeftToTell[]>(LEFT);
  return left;
}
