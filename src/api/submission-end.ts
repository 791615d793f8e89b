import type { MikroORM } from '@mikro-orm/postgresql';
import { type Static, Type } from 'typebox';
import { type Refused, SubmissionData } from '../submission.ts';
import { defineRead } from './database-reads.ts';
import { IssueRow, type IssueView, issueView } from './issue-reads.ts';

/*
 * How a submission ended, by the database: it is an issue, or a refusal is in
 * force, or neither. One statement asks both tables, so nothing can slip through
 * between two looks.
 */

/** A refusal in force, with what was refused. */
export interface RecordedRefusal extends Refused {
  readonly submission: SubmissionData;
  readonly acceptedAt: string;
  /** Changes when the submission is refused again. */
  readonly refusedAt: string;
}

export type SubmissionEnd = IssueView | RecordedRefusal;

const RefusalRow = Type.Object({
  status: Type.Enum(['rejected', 'failed']),
  code: Type.String(),
  detail: Type.String(),
  submission: SubmissionData,
  accepted_at: Type.String(),
  refused_at: Type.String(),
});

const EndRow = Type.Object({
  issue: Type.Union([IssueRow, Type.Null()]),
  refusal: Type.Union([RefusalRow, Type.Null()]),
});

/** The submission's id is unique; the user is asked for as well, so that nobody reads another's. */
const readEnd = defineRead(
  `select row_to_json(i) as issue, row_to_json(r) as refusal
     from (select ?::uuid as id, ?::text as user_id) s
     left join lateral (
       select i.* from issues i join customers c on c.id = i.customer_id
        where i.id = s.id and c.user_id = s.user_id
     ) i on true
     left join lateral (
       select status, code, detail, submission, accepted_at, refused_at from refusals
        where id = s.id and user_id = s.user_id and applied_at is null
     ) r on true`,
  EndRow,
);

/** @throws DatabaseUnavailableError */
export async function findEnd(
  orm: MikroORM,
  userId: string,
  id: string,
  timeoutMs?: number,
): Promise<SubmissionEnd | undefined> {
  const [{ issue, refusal } = { issue: null, refusal: null }] = await readEnd(orm, [id, userId], timeoutMs);
  if (issue !== null) return issueView(issue);
  return refusal === null ? undefined : recordedRefusal(refusal);
}

function recordedRefusal(row: Static<typeof RefusalRow>): RecordedRefusal {
  const { accepted_at: acceptedAt, refused_at: refusedAt, ...refusal } = row;
  return { ...refusal, acceptedAt: new Date(acceptedAt).toISOString(), refusedAt };
}
