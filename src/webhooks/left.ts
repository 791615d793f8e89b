import type { MikroORM } from '@mikro-orm/postgresql';
import type { LeftToTell } from '../figures/webhook-figures.ts';

/** What is still in the outbox is about as old as what has just left it. */
const LEFT = `
  select count(*)::int as deliveries,
         coalesce(extract(epoch from now() - min(d.decided_at)), 0)::float8 as "oldestSeconds"
    from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id and e.active
   where d.failed_at is null`;

/** @throws the database's error */
export async function countLeft(orm: MikroORM): Promise<LeftToTell> {
  const [left = { deliveries: 0, oldestSeconds: 0 }] = await orm.em
    .getConnection()
    .execute<LeftToTell[]>(LEFT);
  return left;
}
