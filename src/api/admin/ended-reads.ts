import { type Static, Type } from 'typebox';
import { SubmissionData } from '../../submission.ts';
import { defineRead } from '../database-reads.ts';

/*
 * Submissions that have ended, from the two tables that hold them, in one shape:
 * issues, and refusals in force. Every statement has a limit, and walks an index
 * to it.
 */

export const EndedRow = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  organization_id: Type.String(),
  status: Type.Enum(['applied', 'rejected', 'failed']),
  code: Type.Union([Type.String(), Type.Null()]),
  number: Type.Union([Type.String(), Type.Null()]),
  title: Type.Union([Type.String(), Type.Null()]),
  /** Of a refused one. Titles are taken from it here: PostgreSQL takes no escaped U+0000 out of JSON. */
  submission: Type.Union([SubmissionData, Type.Null()]),
  accepted_at: Type.String(),
  ended_at: Type.String(),
});
export type EndedRow = Static<typeof EndedRow>;

const ISSUE = `i.id::text, c.user_id, i.organization_id::text, 'applied' as status, null::text as code, i.number::text,
  i.title, null::json as submission, i.accepted_at, i.created_at as ended_at`;
const REFUSAL = `r.id::text, r.user_id, r.organization_id, r.status, r.code, null::text as number,
  null::text as title, r.submission, r.accepted_at, r.refused_at as ended_at`;

/** Parameters: before number, limit, user, limit. As for the client's own list; see issue-reads.ts. */
export const issuesOfUser = defineRead(
  `select ${ISSUE}
     from customers c
    cross join lateral (
      select * from issues i
       where i.customer_id >= c.id and (i.customer_id, i.number) < (c.id, ?::bigint)
       order by i.customer_id desc, i.number desc limit ?
    ) i
    where c.user_id = ? order by i.number desc limit ?`,
  EndedRow,
);

/** Parameters: ids as JSON, before number, limit, limit. */
export const issuesOfOrganizations = defineRead(
  `select ${ISSUE}
     from json_array_elements_text(?::json) o(id)
    cross join lateral (
      select * from issues i
       where i.organization_id >= o.id::uuid and (i.organization_id, i.number) < (o.id::uuid, ?::bigint)
       order by i.organization_id desc, i.number desc limit ?
    ) i
     join customers c on c.id = i.customer_id
    order by i.number desc limit ?`,
  EndedRow,
);

/** Parameters: user, limit. */
export const refusalsOfUser = defineRead(
  `select ${REFUSAL} from refusals r
    where r.user_id = ? and r.applied_at is null order by r.refused_at desc limit ?`,
  EndedRow,
);

/** Parameters: ids as JSON, limit, limit. */
export const refusalsOfOrganizations = defineRead(
  `select ${REFUSAL}
     from json_array_elements_text(?::json) o(id)
    cross join lateral (
      select * from refusals r where r.organization_id = o.id and r.applied_at is null
       order by r.refused_at desc limit ?
    ) r
    order by r.refused_at desc limit ?`,
  EndedRow,
);

/** Parameters: ids as JSON, twice. */
export const endedById = defineRead(
  `select ${ISSUE} from issues i join customers c on c.id = i.customer_id
    where i.id in (select value::uuid from json_array_elements_text(?::json))
   union all
   select ${REFUSAL} from refusals r
    where r.applied_at is null and r.id in (select value::uuid from json_array_elements_text(?::json))`,
  EndedRow,
);

/** keyedSubmissionId, in SQL. */
const KEYED = `encode(set_byte(set_byte(s.hash,
  6, get_byte(s.hash, 6) & 15 | 128), 8, get_byte(s.hash, 8) & 63 | 128), 'hex')::uuid`;
const HASH = (user: string) =>
  `(select substr(sha256(convert_to(${user}, 'UTF8') || '\\x00'::bytea || convert_to(?, 'UTF8')), 1, 16)) s(hash)`;

/**
 * A key alone names nothing: the id is made of user and key, and cannot be taken
 * apart. But it can be made again for the user of each of the newest submissions.
 * Parameters: newest, key, twice.
 */
export const endedByKey = defineRead(
  `select ${ISSUE}
     from (select * from issues order by number desc limit ?) i
     join customers c on c.id = i.customer_id
    cross join lateral ${HASH('c.user_id')}
    where substr(i.id::text, 15, 1) = '8' and i.id = ${KEYED}
   union all
   select ${REFUSAL}
     from (select * from refusals where applied_at is null limit ?) r
    cross join lateral ${HASH('r.user_id')}
    where substr(r.id::text, 15, 1) = '8' and r.id = ${KEYED}`,
  EndedRow,
);

const OrganizationRow = Type.Object({ id: Type.String(), name: Type.String(), active: Type.Boolean() });
export type OrganizationRow = Static<typeof OrganizationRow>;

/** By id, or a part of the name; a table of some thousands. Parameters: text, text, limit. */
export const organizationsLike = defineRead(
  `select id::text, name, active from organizations
    where id::text = lower(?) or strpos(lower(name), lower(?)) > 0
    order by length(name), name, id limit ?`,
  OrganizationRow,
);
