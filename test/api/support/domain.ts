import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Submission } from '../../../src/submission.ts';
import { applyBatch } from '../../../src/workers/apply-batch.ts';
import { owned } from '../../support/submissions.ts';

/** Makes an organization, and answers its id. */
export async function addOrganization(orm: MikroORM, name = 'Acme', active = true): Promise<string> {
  const id = randomUUID();
  await execute(orm, 'insert into organizations (id, name, active) values (?, ?, ?)', [id, name, active]);
  return id;
}

/** A submission with what a test does not care about filled in. */
export function submissionOf(
  userId: string,
  organizationId: string,
  more: Partial<Submission> = {},
): Submission {
  return {
    id: randomUUID(),
    userId,
    organizationId,
    title: 'Title',
    acceptedAt: new Date(),
    attempt: 0,
    ...more,
  };
}

/** Applies submissions as a worker does. */
export async function apply(orm: MikroORM, ...submissions: Submission[]): Promise<void> {
  await applyBatch(orm, owned(), submissions);
}

export async function execute(orm: MikroORM, sql: string, parameters: unknown[] = []) {
  return orm.em.getConnection().execute(sql, parameters);
}
