import type { EntityManager } from '@mikro-orm/postgresql';
import { LAST_ISSUE_NUMBER } from '../issue-number.ts';
import type { Refused, Submission } from '../submission.ts';

/*
 * What organizations are told is written down in the unit of work that decides
 * it: so it is there exactly when the issue or the refusal is. One row for all of
 * it, because this is on the way of every submission; in which order it is told
 * is found out of the way (webhooks/relay.ts). But who is told is settled here:
 * the endpoints that are active now, whatever becomes of them until then.
 */

/** An outcome as the outbox has it: of an issue the id is enough, because the rest is in its row. */
export type ToldOutcome = { readonly id: string } | ToldRefusal;

interface ToldRefusal extends Pick<Refused, 'status' | 'code' | 'detail'> {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
}

export function toldRefusal(
  { id, organizationId, userId }: Submission,
  { status, code, detail }: Refused,
): ToldRefusal {
  return { id, organizationId, userId, status, code, detail };
}

/* Asked here and not with the other questions: once for each organization, and not for each submission. */
const WRITE = `
  insert into outbox (follows, outcomes, endpoints)
  values (${LAST_ISSUE_NUMBER}, ?::jsonb,
          array(select id from webhook_endpoints where active and organization_id = any (?::uuid[])))`;

/**
 * Inside the caller's transaction, before it inserts its issues.
 *
 * @param organizationIds of those whose endpoints are told, each of what is its organization's
 */
export async function writeOutbox(
  em: EntityManager,
  outcomes: readonly ToldOutcome[],
  organizationIds: ReadonlySet<string>,
): Promise<void> {
  await em.execute(WRITE, [JSON.stringify(outcomes), `{${[...organizationIds].join()}}`]);
}

/*
 * Texts one by one, and the organization's id as a text: what makes a submission
 * unstorable (an id that is none, half a surrogate pair) must not make its
 * failure unrecordable as well.
 */
const WRITE_FAILURE = `
  insert into outbox (follows, outcomes, endpoints)
  select ${LAST_ISSUE_NUMBER}, jsonb_build_array(jsonb_build_object(
           'id', ?::text, 'organizationId', o.id, 'userId', ?::text,
           'status', ?::text, 'code', ?::text, 'detail', ?::text)), array_agg(e.id)
    from (select lower(?::text) as id) o
    join webhook_endpoints e on e.organization_id::text = o.id and e.active
   group by o.id`;

/** The same for one that could not be applied, if its organization is told. */
export async function writeFailureToOutbox(
  em: EntityManager,
  submission: Submission,
  failure: Refused,
): Promise<void> {
  const { id, organizationId, userId } = submission;
  const { status, code, detail } = failure;
  await em.execute(WRITE_FAILURE, [id, userId, status, code, detail, organizationId]);
}
