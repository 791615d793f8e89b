import type { MikroORM } from '@mikro-orm/postgresql';
import { type Static, Type } from 'typebox';
import { PRIORITIES } from '../submission.ts';
import { defineRead } from './database-reads.ts';

/** An issue as the API shows it. */
export const IssueView = Type.Object({
  id: Type.String({ format: 'uuid' }),
  number: Type.Integer({ description: 'The reference for people; rises in the order of application' }),
  organizationId: Type.String({ format: 'uuid' }),
  title: Type.String(),
  description: Type.String(),
  priority: Type.Enum(PRIORITIES),
  category: Type.Optional(Type.String()),
  status: Type.Literal('open'),
  acceptedAt: Type.String({ format: 'date-time' }),
  createdAt: Type.String({ format: 'date-time' }),
});
export type IssueView = Static<typeof IssueView>;

export const IssueRow = Type.Object({
  id: Type.String(),
  // PostgreSQL's bigint is text in a row, and a number in JSON.
  number: Type.Union([Type.String(), Type.Integer()]),
  organization_id: Type.String(),
  title: Type.String(),
  description: Type.String(),
  priority: Type.Enum(PRIORITIES),
  category: Type.Union([Type.String(), Type.Null()]),
  status: Type.Literal('open'),
  accepted_at: Type.String(),
  created_at: Type.String(),
});

/**
 * For each customer that the user is, the newest issues, and of these the newest
 * of all. Each branch walks the index (customer_id, number) backwards and stops
 * at the limit, however many issues there are.
 *
 * The plain `customer_id = c.id and number < ?` means the same. But the average
 * customer has few issues, so for that PostgreSQL reads and sorts all of them,
 * also the 100,000 of the one who is not average (measured: 46 ms, and 0.3 ms so).
 */
export const NEWEST_ISSUES = `
  select newest.*
    from customers c
   cross join lateral (
     select *
       from issues i
      where i.customer_id >= c.id and (i.customer_id, i.number) < (c.id, ?::bigint)
      order by i.customer_id desc, i.number desc
      limit ?
   ) newest
   where c.user_id = ?
   order by newest.number desc
   limit ?`;

const readNewest = defineRead(NEWEST_ISSUES, IssueRow);

const BEYOND_EVERY_NUMBER = '9223372036854775807';

/**
 * The user's issues, newest first: up to `limit` with a number below `before`.
 *
 * @throws DatabaseUnavailableError
 */
export async function listIssues(
  orm: MikroORM,
  userId: string,
  limit: number,
  before: string = BEYOND_EVERY_NUMBER,
): Promise<IssueView[]> {
  const rows = await readNewest(orm, [before, limit, userId, limit]);
  return rows.map(issueView);
}

export function issueView(row: Static<typeof IssueRow>): IssueView {
  return {
    id: row.id,
    number: Number(row.number),
    organizationId: row.organization_id,
    title: row.title,
    description: row.description,
    priority: row.priority,
    ...(row.category === null ? {} : { category: row.category }),
    status: row.status,
    acceptedAt: new Date(row.accepted_at).toISOString(),
    createdAt: new Date(row.created_at).toISOString(),
  };
}
