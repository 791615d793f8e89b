import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Outcome, Submission } from '../submission.ts';
import { noChanges } from './batch-rows.ts';
import { type Decision, decide } from './decide.ts';
import { readKnown } from './read-known.ts';
import { retryConflicts } from './retry-conflicts.ts';
import { type OwnedLane, unitOfWork } from './unit-of-work.ts';
import { writeChanges } from './write-changes.ts';

/**
 * Applies submissions of a lane in the order given, in one unit of work, all of
 * them or none. The only place that writes the domain.
 *
 * @param onRetry told of each conflict with another writer, before the next attempt
 * @returns the outcomes, in the same order
 * @throws LaneLostError; the database's error, if it is not a conflict that a few attempts resolve
 */
export async function applyBatch(
  orm: MikroORM,
  owned: OwnedLane,
  submissions: readonly Submission[],
  onRetry?: (error: unknown, attempt: number) => void,
): Promise<Outcome[]> {
  return retryConflicts(() => unitOfWork(orm, owned, em => applyInOrder(em, submissions)), onRetry);
}

async function applyInOrder(em: EntityManager, submissions: readonly Submission[]): Promise<Outcome[]> {
  const { known, numbers } = await readKnown(em, submissions);
  const changes = noChanges();
  const decisions = submissions.map(submission => decide(submission, known, changes));
  const added = await writeChanges(em, changes);
  return decisions.map(decision => outcomeOf(decision, numbers, added));
}

function outcomeOf(decision: Decision, before: Map<string, number>, added: Map<string, number>): Outcome {
  if (decision.status !== 'applied') return decision;
  const { issueId, again } = decision;
  const number = before.get(issueId) ?? added.get(issueId);
  if (number === undefined) throw new Error(`issue ${issueId} was written without a number`);
  return { status: 'applied', issueId, number, ...(again ? { again } : {}) };
}
