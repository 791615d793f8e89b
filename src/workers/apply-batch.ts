import type { MikroORM } from '@mikro-orm/postgresql';
import type { Outcome, RejectionCode, Submission } from '../submission.ts';
import { KnownRows } from './known-rows.ts';
import { retryConflicts } from './retry-conflicts.ts';

/**
 * The unit of work: applies submissions in the order given, in one transaction,
 * all of them or none. The only place that writes the domain.
 *
 * @param onRetry told of each conflict with another writer, before the next attempt
 * @returns the outcomes, in the same order
 * @throws the database's error, if it is not a conflict that a few attempts resolve
 */
export async function applyBatch(
  orm: MikroORM,
  submissions: readonly Submission[],
  onRetry?: (error: unknown, attempt: number) => void,
): Promise<Outcome[]> {
  return retryConflicts(async () => {
    const outcomes = await orm.em.fork().transactional(async em => {
      const known = await KnownRows.load(em, submissions);
      const pending = submissions.map(submission => apply(known, submission));
      await em.flush();
      return pending.map(outcome => outcome());
    });
    return outcomes;
  }, onRetry);
}

/** An outcome to be read after the flush: an issue has its number only then. */
type PendingOutcome = () => Outcome;

function apply(known: KnownRows, submission: Submission): PendingOutcome {
  const before = known.issue(submission.id);
  if (before !== undefined) {
    return () => ({ status: 'applied', issueId: before.id, number: before.number, again: true });
  }

  const organization = known.organization(submission.organizationId);
  if (organization === undefined) return rejected('organization_not_found', submission);
  if (!organization.active) return rejected('organization_inactive', submission);
  const existing = known.profile(submission.userId);
  if (existing?.status === 'suspended') return rejected('profile_suspended', submission);

  const profile = existing ?? known.addProfile(submission);
  // The primary organization follows the latest issue; older issues and customers stay as they are.
  if (profile.organizationId !== organization.id) profile.organizationId = organization.id;
  const customer = known.customer(submission) ?? known.addCustomer(submission, profile);
  const issue = known.addIssue(submission, customer);
  return () => ({ status: 'applied', issueId: issue.id, number: issue.number });
}

const REASONS: Record<RejectionCode, (submission: Submission) => string> = {
  organization_not_found: ({ organizationId }) => `organization "${organizationId}" does not exist`,
  organization_inactive: ({ organizationId }) => `organization "${organizationId}" is not active`,
  profile_suspended: () => 'the customer profile is suspended',
};

function rejected(code: RejectionCode, submission: Submission): PendingOutcome {
  return () => ({ status: 'rejected', code, detail: REASONS[code](submission) });
}
