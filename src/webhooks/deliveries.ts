import type { MikroORM } from '@mikro-orm/postgresql';
import { GIVE_UP_AFTER } from './give-up.ts';
import type { MessageRow } from './message.ts';
import type { Mark } from './watermark.ts';

/*
 * The deliveries of one endpoint. What is delivered is deleted, so the table is
 * as long as what is left to do, and what was given up of late.
 */

export interface Endpoint {
  readonly url: string;
  readonly ordered: boolean;
  /** That which signs, and for a while the one before it. */
  readonly secrets: readonly string[];
}

const ENDPOINT = `
  select url, ordered, array_remove(
           array[secret, case when previous_secret_until > now() then previous_secret end], null) as secrets
    from webhook_endpoints where id = ? and active`;

/** @returns undefined when it is not there, or not active @throws the database's error */
export async function readEndpoint(orm: MikroORM, id: string): Promise<Endpoint | undefined> {
  const [endpoint] = await orm.em.getConnection().execute<Endpoint[]>(ENDPOINT, [id]);
  return endpoint;
}

export interface Delivery extends MessageRow {
  readonly position: string;
  readonly entry: string;
  readonly place: number;
  readonly tries: number;
  readonly is_due: boolean;
}

const COLUMNS = `
  d.position, d.entry, d.place, d.tries, d.due_at <= now() as is_due, d.id, d.submission_id, d.user_id,
  d.status, d.code, d.detail, d.decided_at, e.organization_id, i.number, i.title, i.description, i.priority,
  i.category, i.status as issue_status, i.accepted_at, i.created_at`;

const WITH_ISSUES = `
  join webhook_endpoints e on e.id = d.endpoint_id
  left join lateral (select * from issues where id = d.submission_id and d.status = 'applied' limit 1) i on true`;

const ANY_ORDER = `
  select ${COLUMNS}
    from (
      select * from webhook_deliveries
       where endpoint_id = ? and failed_at is null and due_at <= now()
       order by due_at limit ?
    ) d ${WITH_ISSUES}`;

const IN_ORDER = `
  select ${COLUMNS}
    from (
      select * from webhook_deliveries
       where endpoint_id = ? and failed_at is null and (position, entry) <= (?::bigint, ?::bigint)
       order by position, entry, place limit ?
    ) d ${WITH_ISSUES}
   order by d.position, d.entry, d.place`;

/** Not one that has failed again and again, as long as there is another: it may be the only one that fails. */
const LEAST_TRIED = ANY_ORDER.replace('order by due_at', 'order by tries, due_at');

/** What is due, at most so many. @throws the database's error */
export async function readDue(orm: MikroORM, endpointId: string, most: number): Promise<Delivery[]> {
  return orm.em.getConnection().execute<Delivery[]>(ANY_ORDER, [endpointId, most]);
}

/** The one that shows best whether an endpoint can be reached, if any is due. @throws the database's error */
export async function readLeastTried(orm: MikroORM, endpointId: string): Promise<Delivery[]> {
  return orm.em.getConnection().execute<Delivery[]>(LEAST_TRIED, [endpointId, 1]);
}

/**
 * What comes next in the order, up to a mark, as far as it is due: behind one
 * that is not, everything waits.
 *
 * @throws the database's error
 */
export async function readNext(
  orm: MikroORM,
  endpointId: string,
  { position, entry }: Mark,
  most: number,
): Promise<Delivery[]> {
  const next = await orm.em
    .getConnection()
    .execute<Delivery[]>(IN_ORDER, [endpointId, position, entry, most]);
  const wait = next.findIndex(delivery => !delivery.is_due);
  return wait === -1 ? next : next.slice(0, wait);
}

/** A delivery by its place among those of an endpoint. */
type Key = Pick<Delivery, 'position' | 'entry' | 'place'>;

const FORGET = `
  delete from webhook_deliveries d
   using jsonb_to_recordset(?::jsonb) as k (position bigint, entry bigint, place int)
   where d.endpoint_id = ? and d.position = k.position and d.entry = k.entry and d.place = k.place`;

/** Of those that need not be told any more. @throws the database's error */
export async function forget(orm: MikroORM, endpointId: string, done: readonly Key[]): Promise<void> {
  const keys = done.map(({ position, entry, place }) => ({ position, entry, place }));
  await orm.em.getConnection().execute(FORGET, [JSON.stringify(keys), endpointId]);
}

export interface FailedTry extends Key {
  /** Those before it. */
  readonly tries: number;
  readonly afterMs: number;
  readonly failure: string;
}

const PUT_OFF = `
  update webhook_deliveries d
     set tries = d.tries + 1,
         due_at = now() + k."afterMs" * interval '1 millisecond',
         failure = k.failure,
         failed_at = case when d.decided_at < now() - interval '${GIVE_UP_AFTER}' then now() end
    from jsonb_to_recordset(?::jsonb) as
         k (position bigint, entry bigint, place int, "afterMs" float8, failure text)
   where d.endpoint_id = ? and d.position = k.position and d.entry = k.entry and d.place = k.place
  returning d.failed_at is not null as given_up`;

/** Notes tries that failed. @returns how many are given up @throws the database's error */
export async function putOff(
  orm: MikroORM,
  endpointId: string,
  failed: readonly FailedTry[],
): Promise<number> {
  const noted = await orm.em
    .getConnection()
    .execute<{ given_up: boolean }[]>(PUT_OFF, [JSON.stringify(failed), endpointId]);
  return noted.filter(row => row.given_up).length;
}

const DEACTIVATE =
  'update webhook_endpoints set active = false where id = ? and url = ? and active returning id';

/** @returns whether it was active, and is at the address that wants no more @throws the database's error */
export async function deactivate(orm: MikroORM, endpointId: string, goneUrl: string): Promise<boolean> {
  const changed = await orm.em.getConnection().execute<unknown[]>(DEACTIVATE, [endpointId, goneUrl]);
  return changed.length > 0;
}
