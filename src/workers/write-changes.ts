import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { Customer, Issue, Refusal, User, UserProfile } from '../entities/index.ts';
import { dataOf } from '../submission.ts';
import type { Changes, NewIssue, NewRefusal, Profile } from './batch-rows.ts';
import { moveProfiles } from './move-profiles.ts';
import { writeOutbox } from './write-outbox.ts';

/*
 * Set-based writes: a statement for each table that changes. The entity
 * manager's own flush of the same rows cost three times the CPU; see
 * docs/performance.md.
 */

/**
 * Writes the changes, inside the caller's transaction.
 *
 * @returns the numbers of the new issues, by id
 * @throws UniqueConstraintViolationException when another writer added one of the rows first
 */
export async function writeChanges(em: EntityManager, changes: Changes): Promise<Map<string, number>> {
  const { users, profiles, moved, moves, customers, issues, refusals, redriven, toTell, tellTo } = changes;
  if (users.length > 0) await em.insertMany(User, users);
  if (profiles.size > 0) await em.insertMany(UserProfile, [...profiles].map(asCustomerProfile));
  if (moves.length > 0) await moveProfiles(em, moved, moves);
  if (customers.length > 0) await em.insertMany(Customer, customers);
  if (refusals.size > 0) await writeRefusals(em, [...refusals.values()]);
  // After the refusals: a batch may refuse a submission and apply it later on.
  if (redriven.size > 0) await endRefusals(em, redriven);
  // Before the issues draw their numbers: what the entry follows is then below all of them.
  if (toTell.length > 0) await writeOutbox(em, toTell, tellTo);
  return issues.length > 0 ? insertIssues(em, issues) : new Map();
}

/** Puts refusals in force, inside the caller's transaction; each takes the place of an earlier one. */
export async function writeRefusals(em: EntityManager, refusals: readonly NewRefusal[]): Promise<void> {
  const rows = refusals.map(({ submission, status, code, detail }) => ({
    id: submission.id,
    userId: submission.userId,
    organizationId: submission.organizationId,
    status,
    code,
    detail,
    attempt: submission.attempt,
    submission: dataOf(submission),
    acceptedAt: submission.acceptedAt,
    refusedAt: raw('now()'),
    appliedAt: null,
  }));
  await em
    .createQueryBuilder(Refusal)
    .insert(rows)
    .onConflict('id')
    .merge(['status', 'code', 'detail', 'attempt', 'refusedAt', 'appliedAt'])
    .execute();
}

async function endRefusals(em: EntityManager, ids: ReadonlySet<string>): Promise<void> {
  await em.nativeUpdate(Refusal, { id: { $in: [...ids] } }, { appliedAt: raw('now()') });
}

function asCustomerProfile({ id, userId, organizationId }: Profile) {
  return { id, userId, organizationId, profileType: 'customer' as const };
}

async function insertIssues(em: EntityManager, issues: readonly NewIssue[]): Promise<Map<string, number>> {
  const rows = issues.map(({ submission, customerId }) => ({
    id: submission.id,
    customerId,
    organizationId: submission.organizationId,
    title: submission.title,
    description: submission.description ?? '',
    priority: submission.priority ?? ('normal' as const),
    category: submission.category ?? null,
    acceptedAt: submission.acceptedAt,
  }));
  const numbered = await em
    .createQueryBuilder(Issue)
    .insert(rows)
    .returning(['id', 'number'])
    .execute<Pick<Issue, 'id' | 'number'>[]>('all');
  return new Map(numbered.map(({ id, number }) => [id, Number(number)]));
}
