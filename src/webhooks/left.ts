import { setTimeout as sleep } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { LeftToTell, WebhookFigures } from '../figures/webhook-figures.ts';

const EVERY_MS = 5000;

/** Of the outbox only the oldest entry: to count what is in all of them would be to read them. */
const LEFT = `
  select count(*)::int as deliveries,
         coalesce(extract(epoch from now() - least(
           min(d.decided_at), (select decided_at from outbox order by id limit 1)
         )), 0)::float8 as "oldestSeconds"
    from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id and e.active
   where d.failed_at is null`;

export interface LeftOptions {
  readonly orm: MikroORM;
  readonly figures: WebhookFigures;
  readonly log: Logger;
}

/**
 * Counts what is left until it is to stop; it never throws. No part of the rounds:
 * a long backlog takes long to count, and nobody is to be told later for that; and
 * somebody must see how old it is when the queue store is away.
 */
export async function keepCounting({ orm, figures, log }: LeftOptions, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      figures.left = await countLeft(orm);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'cannot count what is left to tell; trying again');
    }
    await sleep(EVERY_MS, undefined, { signal: stopping }).catch(() => {});
  }
}

/** @throws the database's error */
async function countLeft(orm: MikroORM): Promise<LeftToTell> {
  const [left = { deliveries: 0, oldestSeconds: 0 }] = await orm.em
    .getConnection()
    .execute<LeftToTell[]>(LEFT);
  return left;
}
