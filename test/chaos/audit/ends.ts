import { mayBeThere } from '../ledger.ts';
import type { Finding } from './findings.ts';
import type { Matched } from './matched.ts';
import type { Stored } from './stored.ts';

/*
 * Invariant 1: each accepted submission has exactly one end, an issue or a
 * refusal in force, and it is what was sent and what was told.
 */

/** What is wrong with the end of one raise. */
export function* wrongEnds(matched: Matched, lostByFlush: ReadonlySet<string>): Generator<Finding> {
  const { userId, raise, id, otherIds, issue, refusedWith, redriven, unfinished } = matched;
  const finding = (kind: Finding['kind'], detail: string): Finding => ({
    kind,
    userId,
    ...(id === undefined ? {} : { submissionId: id }),
    detail,
  });

  if (issue !== undefined && refusedWith !== undefined)
    yield finding('doubled', `issue number ${issue.number}, and refused with ${refusedWith}`);
  if (otherIds.length > 0) yield finding('doubled', `the same content is stored as ${otherIds.join(', ')}`);
  if (raise.outcome === 'accepted' && isLost(matched) && !lostByFlush.has(id ?? ''))
    yield finding('lost', 'it was accepted, and is neither an issue nor refused');
  if (!mayBeThere(raise) && (issue !== undefined || refusedWith !== undefined || unfinished))
    yield finding('unexplained', `refused at the door with ${raise.code}, and it is there`);

  const told = raise.tries.at(-1)?.status;
  if (told === 201 && issue === undefined && refusedWith !== undefined)
    yield finding('refusal', `told that it is an issue, and refused with ${refusedWith}`);
  if (told === 422 && raise.outcome === 'accepted' && issue !== undefined && !redriven)
    yield finding('refusal', `told ${raise.code}, and it is issue number ${issue.number}`);
  if (issue !== undefined) yield* alterations(matched, issue).map(detail => finding('altered', detail));
}

/** What is stored, and no raise of the ledger explains. */
export function* unexplained(all: readonly Matched[], stored: Stored): Generator<Finding> {
  const explained = new Set(all.flatMap(({ id, otherIds }) => [id, ...otherIds]));
  for (const { id, userId, number } of stored.issues.values())
    if (!explained.has(id)) yield unexplainedOf(id, userId, `issue number ${number}`);
  for (const { id, userId, code } of stored.refusals.values())
    if (!explained.has(id)) yield unexplainedOf(id, userId, `a refusal with ${code}`);
  for (const { id, userId, code } of stored.failedJobs.values())
    if (!explained.has(id) && !stored.refusals.has(id))
      yield unexplainedOf(id, userId, `a failed job with ${code}`);
}

/** Where a refusal and the failed job of it say different things. */
export function* differingRefusals({ refusals, failedJobs }: Stored): Generator<Finding> {
  for (const { id, userId, code } of failedJobs.values()) {
    const refusal = refusals.get(id);
    if (refusal === undefined || refusal.appliedAt !== null || refusal.code === code) continue;
    yield {
      kind: 'refusal',
      userId,
      submissionId: id,
      detail: `the job failed with ${code}, the refusal on record is ${refusal.code}`,
    };
  }
}

export function isLost({ issue, refusedWith, unfinished }: Matched): boolean {
  return issue === undefined && refusedWith === undefined && !unfinished;
}

function unexplainedOf(submissionId: string, userId: string, what: string): Finding {
  return { kind: 'unexplained', submissionId, userId, detail: `${what}, and nobody of the ledger raised it` };
}

function alterations({ userId, raise }: Matched, issue: NonNullable<Matched['issue']>): string[] {
  const sent = { user: userId, organization: raise.organizationId, title: raise.title };
  const is = { user: issue.userId, organization: issue.organizationId, title: issue.title };
  const names = ['user', 'organization', 'title'] as const;
  return names
    .filter(name => sent[name] !== is[name])
    .map(name => `${name} ${sent[name]} became ${is[name]}`);
}
