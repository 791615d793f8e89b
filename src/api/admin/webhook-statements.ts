import { Type } from 'typebox';
import { defineRead } from '../database-reads.ts';
import { EndpointRow, GivenUpRow } from './webhook-views.ts';

/*
 * The administrator's statements on webhooks. Each that changes something returns
 * what it changed, so that nothing of an unknown endpoint is told from success.
 */

/** Of what is undelivered, the last to have failed is due last; the index has it at its end. */
const ENDPOINT = `e.id::text, e.organization_id::text, e.url, e.ordered, e.active, e.created_at,
  case when e.previous_secret_until > now() then e.previous_secret_until end as previous_secret_until,
  (select count(*) from webhook_deliveries d where d.endpoint_id = e.id and d.failed_at is null)::int as undelivered,
  (select count(*) from webhook_deliveries d where d.endpoint_id = e.id and d.failed_at is not null)::int as given_up,
  coalesce(
    (select d.failure from webhook_deliveries d
      where d.endpoint_id = e.id and d.failed_at is null and d.failure is not null
      order by d.due_at desc limit 1),
    (select d.failure from webhook_deliveries d
      where d.endpoint_id = e.id and d.failed_at is not null
      order by d.failed_at desc, d.tries desc limit 1)
  ) as failure`;

/** Parameters: organization or null, twice, the id before the page, limit. */
export const readEndpoints = defineRead(
  `select ${ENDPOINT} from webhook_endpoints e
    where (?::uuid is null or e.organization_id = ?::uuid) and e.id > ?::uuid
    order by e.id limit ?`,
  EndpointRow,
);

/** Parameters: id. */
export const readEndpoint = defineRead(
  `select ${ENDPOINT} from webhook_endpoints e where e.id = ?::uuid`,
  EndpointRow,
);

const Changed = Type.Object({ id: Type.String() });

/** Nothing where there is no such organization. Parameters: id, URL, ordered, secret, organization. */
export const insertEndpoint = defineRead(
  `insert into webhook_endpoints (id, organization_id, url, ordered, secret)
   select ?::uuid, o.id, ?, ?::boolean, ? from organizations o where o.id = ?::uuid
   returning id::text`,
  Changed,
);

/** Parameters: URL, ordered and active, or null for what stays; id. */
export const updateEndpoint = defineRead(
  `update webhook_endpoints
      set url = coalesce(?::text, url), ordered = coalesce(?::boolean, ordered), active = coalesce(?::boolean, active)
    where id = ?::uuid returning id::text`,
  Changed,
);

/** Its deliveries go with it. Parameters: id. */
export const deleteEndpoint = defineRead(
  'delete from webhook_endpoints where id = ?::uuid returning id::text',
  Changed,
);

/**
 * Asked for again within a minute, the answer was lost: the new secret is replaced,
 * and not that which the receiver has. Parameters: the new secret, id.
 */
export const rotateSecret = defineRead(
  `update webhook_endpoints
      set previous_secret = case
            when previous_secret_until > now() + interval '23 hours 59 minutes' then previous_secret else secret end,
          previous_secret_until = now() + interval '24 hours', secret = ?
    where id = ?::uuid returning previous_secret_until`,
  Type.Object({ previous_secret_until: Type.String() }),
);

/** In the order in which they would be sent. Parameters: id, the position, entry and place before the page, limit. */
export const readGivenUp = defineRead(
  `select id::text, position, entry, place, submission_id::text, status, code, user_id, decided_at, tries, failure, failed_at
     from webhook_deliveries
    where endpoint_id = ?::uuid and failed_at is not null
      and (position, entry, place) > (?::bigint, ?::bigint, ?::int)
    order by position, entry, place limit ?`,
  GivenUpRow,
);

/** They keep their failure: with no tries it says that they were put back (`webhooks/give-up.ts`). Parameters: id, twice. */
export const tryAgain = defineRead(
  `with again as (
     update webhook_deliveries set failed_at = null, tries = 0, due_at = now()
      where endpoint_id = ?::uuid and failed_at is not null returning 1
   )
   select (select count(*) from again)::int as deliveries from webhook_endpoints where id = ?::uuid`,
  Type.Object({ deliveries: Type.Integer() }),
);
