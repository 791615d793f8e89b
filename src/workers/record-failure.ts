import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Outcome, Refused, Submission } from '../submission.ts';
import { type OwnedLane, unitOfWork } from './unit-of-work.ts';
import { writeRefusals } from './write-changes.ts';
import { writeFailureToOutbox } from './write-outbox.ts';

interface Row {
  readonly number: string | null;
  readonly status: Refused['status'] | null;
  readonly code: string | null;
  readonly detail: string | null;
}

/*
 * By the id alone: what makes the submission unstorable must not make its failure
 * unreadable as well.
 */
const DECIDED = `
  select i.number, r.status, r.code, r.detail
    from (select ?::uuid as id) s
    left join issues i on i.id = s.id
    left join refusals r on r.id = s.id and r.applied_at is null and r.attempt >= ?`;

/**
 * A unit of work of its own, for a submission that could not be applied: records
 * that, unless it was decided before.
 *
 * @returns what holds: the failure, or the earlier decision
 * @throws LaneLostError; the database's error, of class 22 when not even the failure can be stored
 */
export async function recordFailure(
  orm: MikroORM,
  owned: OwnedLane,
  submission: Submission,
  failure: Refused,
): Promise<Outcome> {
  return unitOfWork(orm, owned, async em => {
    const decided = await readDecision(em, submission);
    if (decided !== undefined) return decided;
    await writeRefusals(em, [{ ...failure, submission }]);
    await writeFailureToOutbox(em, submission, failure);
    return failure;
  });
}

async function readDecision(em: EntityManager, { id, attempt }: Submission): Promise<Outcome | undefined> {
  const [row] = await em.execute<Row[]>(DECIDED, [id, attempt]);
  if (row === undefined) return undefined;
  const { number, status, code, detail } = row;
  if (number !== null) return { status: 'applied', issueId: id, number: Number(number), again: true };
  if (status === null || code === null || detail === null) return undefined;
  return { status, code, detail, again: true };
}
