import type { MikroORM } from '@mikro-orm/postgresql';
import { type Static, Type } from 'typebox';
import { SubmissionData } from '../../submission.ts';
import { defineRead } from '../database-reads.ts';

/*
 * What the database knows of one submission, of whoever it is.
 */

const IssuePart = Type.Object({
  number: Type.Integer(),
  user_id: Type.String(),
  organization_id: Type.String(),
  title: Type.String(),
  description: Type.String(),
  accepted_at: Type.String(),
  created_at: Type.String(),
});

/** Also one that is no longer in force: it says why it took more than one attempt. */
const RefusalPart = Type.Object({
  user_id: Type.String(),
  organization_id: Type.String(),
  status: Type.Enum(['rejected', 'failed']),
  code: Type.String(),
  detail: Type.String(),
  attempt: Type.Integer(),
  submission: SubmissionData,
  accepted_at: Type.String(),
  refused_at: Type.String(),
  applied_at: Type.Union([Type.String(), Type.Null()]),
});

/** The change of the user's primary organization that the issue made. A name is null where there is no such organization any more. */
const MovePart = Type.Object({
  from_id: Type.String(),
  from_name: Type.Union([Type.String(), Type.Null()]),
  to_id: Type.String(),
  to_name: Type.Union([Type.String(), Type.Null()]),
});

const Parts = Type.Object({
  issue: Type.Union([IssuePart, Type.Null()]),
  refusal: Type.Union([RefusalPart, Type.Null()]),
  move: Type.Union([MovePart, Type.Null()]),
});
export type Recorded = Static<typeof Parts>;

const readRecorded = defineRead(
  `select row_to_json(i) as issue, row_to_json(r) as refusal, row_to_json(m) as move
     from (select ?::uuid as id) s
     left join lateral (
       select i.*, c.user_id from issues i join customers c on c.id = i.customer_id where i.id = s.id
     ) i on true
     left join lateral (select * from refusals where id = s.id) r on true
     left join lateral (
       select c.from_organization_id as from_id, f.name as from_name, c.to_organization_id as to_id, t.name as to_name
         from primary_organization_changes c
         left join organizations f on f.id = c.from_organization_id
         left join organizations t on t.id = c.to_organization_id
        where c.issue_id = s.id
     ) m on true`,
  Parts,
);

/** Of a submission that the database does not know, or that it cannot be asked for. */
export const NOTHING: Recorded = { issue: null, refusal: null, move: null };

/** @throws DatabaseUnavailableError */
export async function readLife(orm: MikroORM, id: string): Promise<Recorded> {
  const [recorded = NOTHING] = await readRecorded(orm, [id]);
  return recorded;
}

const Organization = Type.Object({ name: Type.String(), active: Type.Boolean() });

/** Parameter: the id as it was sent, which may be no id at all. */
export const readOrganization = defineRead(
  'select name, active from organizations where id::text = lower(?) limit 1',
  Organization,
);

const Batch = Type.Object({ size: Type.Integer(), first: Type.Integer(), last: Type.Integer() });
export type Batch = Static<typeof Batch>;

/** Numbers of one batch are at most this far apart: others take numbers meanwhile. */
const NEARBY = 4_000;

/**
 * The issues that were written with this one: those of its transaction. The time is
 * compared as well, because a restored database has one transaction for all.
 * Parameter: id.
 */
export const readBatch = defineRead(
  `select count(*)::int as size, min(other.number)::int as first, max(other.number)::int as last
     from issues i
     join issues other
       on other.number between i.number - ${NEARBY} and i.number + ${NEARBY}
      and other.xmin = i.xmin and other.created_at = i.created_at
    where i.id = ?`,
  Batch,
);
