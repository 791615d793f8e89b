import type { EntityManager } from '@mikro-orm/postgresql';
import { LAST_ISSUE_NUMBER } from '../issue-number.ts';
import type { Refused, Submission } from '../submission.ts';

/*
 * What organizations are told is written down in the unit of work that decides
 * it: so it is there exactly when the issue or the refusal is. One row for all of
 * it, because this is on the way of every submission; who is told, and in which
 * order, is found out of the way (webhooks/relay.ts).
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

/** Inside the caller's transaction, before it inserts its issues. */
export async function writeOutbox(em: EntityManager, outcomes: readonly ToldOutcome[]): Promise<void> {
  await em.execute(`insert into outbox (follows, outcomes) values (${LAST_ISSUE_NUMBER}, ?::jsonb)`, [
    JSON.stringify(outcomes),
  ]);
}

/*
 * Texts one by one, and the organization's id as a text: what makes a submission
 * unstorable (an id that is none, half a surrogate pair) must not make its
 * failure unrecordable as well.
 */
const WRITE_FAILURE = `
  insert into outbox (follows, outcomes)
  select ${LAST_ISSUE_NUMBER}, jsonb_build_array(jsonb_build_object(
           'id', ?::text, 'organizationId', o.id, 'userId', ?::text,
           'status', ?::text, 'code', ?::text, 'detail', ?::text))
    from (select lower(?::text) as id) o
   where exists (select from webhook_endpoints where active and organization_id::text = o.id)`;

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
