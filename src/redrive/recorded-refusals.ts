import type { MikroORM } from '@mikro-orm/postgresql';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { SubmissionData } from '../submission.ts';
import type { Selection } from './arguments.ts';
import type { Candidate } from './candidate.ts';

/*
 * The refusals in force, in the database.
 */

const PAGE = 5000;
const BEFORE_EVERY_ID = '00000000-0000-0000-0000-000000000000';

const Row = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  code: Type.String(),
  attempt: Type.Integer(),
  accepted_at: Type.String(),
});

const SELECTED = `
  select id, user_id, code, attempt, accepted_at from refusals
   where applied_at is null and id > ?
     and (?::text is null or code = ?) and (?::text is null or user_id = ?)
   order by id limit ${PAGE}`;

/** Those of a selection, in no order that means anything. */
export async function selectRefusals(orm: MikroORM, { code, userId }: Selection): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const [byCode, byUser] = [code ?? null, userId ?? null];
  for (let after = BEFORE_EVERY_ID; ; ) {
    const rows = await ask(orm, SELECTED, [after, byCode, byCode, byUser, byUser], Row);
    for (const { id, user_id, code, attempt, accepted_at } of rows) {
      found.push({ id, userId: user_id, code, attempt, acceptedAt: new Date(accepted_at) });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    after = last.id;
  }
}

const IN_FORCE = `
  select id from refusals
   where applied_at is null and id in (select value::uuid from json_array_elements_text(?::json))`;

/** Those of the ids of which a refusal is in force. */
export async function inForce(orm: MikroORM, ids: readonly string[]): Promise<Set<string>> {
  const rows = await ask(orm, IN_FORCE, [JSON.stringify(ids)], Type.Object({ id: Type.String() }));
  return new Set(rows.map(({ id }) => id));
}

const DECIDED = `
  with asked as (select value::uuid as id from json_array_elements_text(?::json))
  select id from refusals join asked using (id) union select id from issues join asked using (id)`;

/** Those of the ids that are issues, or have been refused on record. */
export async function decidedAmong(orm: MikroORM, ids: readonly string[]): Promise<Set<string>> {
  const rows = await ask(orm, DECIDED, [JSON.stringify(ids)], Type.Object({ id: Type.String() }));
  return new Set(rows.map(({ id }) => id));
}

const RELEASE = `
  update refusals set attempt = -1 where id = ? and applied_at is null and attempt = ?
  returning submission`;

/**
 * Gives a refusal up: whoever meets the submission next decides anew.
 *
 * @returns what was sent; undefined when it has been decided since it was read
 */
export async function release(
  orm: MikroORM,
  id: string,
  attempt: number,
): Promise<SubmissionData | undefined> {
  const Released = Type.Object({ submission: SubmissionData });
  const [row] = await ask(orm, RELEASE, [id, attempt], Released);
  return row?.submission;
}

async function ask<Row extends TSchema>(
  orm: MikroORM,
  sql: string,
  parameters: readonly unknown[],
  row: Row,
): Promise<Static<Row>[]> {
  const rows = await orm.em.getConnection().execute<unknown[]>(sql, parameters);
  return rows.map(each => Value.Parse(row, each));
}
