import { randomUUIDv7 } from 'node:crypto';
import type { Refused, RejectionCode, Submission } from '../submission.ts';
import { type Changes, customerKey, type KnownRefusal, type KnownRows, type Profile } from './batch-rows.ts';
import { type ToldOutcome, toldRefusal } from './write-outbox.ts';

/*
 * The rules of the domain, without a database: from the rows that are there, and
 * the submissions in their order, to the rows to write. A later submission of a
 * batch sees what an earlier one did.
 */

/** What a submission comes to. An issue has its number only when the changes are written. */
export type Decision =
  | Refused
  | { readonly status: 'applied'; readonly issueId: string; readonly again: boolean };

/** Decides on one submission, and notes in `known` and `changes` what follows from it. */
export function decide(submission: Submission, known: KnownRows, changes: Changes): Decision {
  const issueId = submission.id;
  // Applied before: whatever has become of the organization or the profile since.
  if (known.issues.has(issueId)) return { status: 'applied', issueId, again: true };
  // Refused before, and not tried again since: a lane that changed hands changes no decision.
  const before = known.refusals.get(issueId);
  if (before !== undefined && before.attempt >= submission.attempt) return asRefused(before);
  const code = rejectionOf(submission, known);
  if (code !== undefined) return reject(submission, code, known, changes);

  const profile = known.profiles.get(submission.userId) ?? addProfile(submission, known, changes);
  followTo(submission, profile, changes);
  const customerId =
    known.customers.get(customerKey(submission)) ?? addCustomer(submission, profile, known, changes);
  known.issues.add(issueId);
  changes.issues.push({ submission, customerId });
  if (known.refusals.delete(issueId)) changes.redriven.add(issueId);
  tell(submission, { id: issueId }, known, changes);
  return { status: 'applied', issueId, again: false };
}

const REASONS: Record<RejectionCode, (submission: Submission) => string> = {
  organization_not_found: ({ organizationId }) => `organization "${organizationId}" does not exist`,
  organization_inactive: ({ organizationId }) => `organization "${organizationId}" is not active`,
  profile_suspended: () => 'the customer profile is suspended',
};

function reject(submission: Submission, code: RejectionCode, known: KnownRows, changes: Changes): Refused {
  const refused: Refused = { status: 'rejected', code, detail: REASONS[code](submission) };
  known.refusals.set(submission.id, { ...refused, attempt: submission.attempt });
  changes.refusals.set(submission.id, { ...refused, submission });
  tell(submission, toldRefusal(submission, refused), known, changes);
  return refused;
}

function tell(
  { organizationId }: Submission,
  outcome: ToldOutcome,
  { told }: KnownRows,
  { toTell, tellTo }: Changes,
): void {
  if (!told.has(organizationId)) return;
  toTell.push(outcome);
  tellTo.add(organizationId);
}

function asRefused({ status, code, detail }: KnownRefusal): Refused {
  return { status, code, detail, again: true };
}

function rejectionOf({ userId, organizationId }: Submission, known: KnownRows): RejectionCode | undefined {
  const active = known.organizations.get(organizationId);
  if (active === undefined) return 'organization_not_found';
  if (!active) return 'organization_inactive';
  return known.profiles.get(userId)?.status === 'suspended' ? 'profile_suspended' : undefined;
}

function addProfile(
  { userId, email, organizationId }: Submission,
  known: KnownRows,
  changes: Changes,
): Profile {
  if (!known.users.has(userId)) {
    known.users.add(userId);
    changes.users.push({ id: userId, email: email ?? null });
  }
  const profile: Profile = { id: randomUUIDv7(), userId, status: 'active', organizationId };
  known.profiles.set(userId, profile);
  changes.profiles.add(profile);
  return profile;
}

/** The primary organization follows the latest issue; older issues and customers stay as they are. */
function followTo({ id: issueId, organizationId: to }: Submission, profile: Profile, changes: Changes): void {
  if (profile.organizationId === to) return;
  const isOurs = changes.profiles.has(profile) || changes.moved.has(profile);
  changes.moves.push({ profile, from: isOurs ? profile.organizationId : undefined, to, issueId });
  profile.organizationId = to;
  if (!changes.profiles.has(profile)) changes.moved.add(profile);
}

function addCustomer(submission: Submission, profile: Profile, known: KnownRows, changes: Changes): string {
  const { userId, organizationId } = submission;
  const customer = { id: randomUUIDv7(), userId, organizationId, userProfileId: profile.id };
  known.customers.set(customerKey(customer), customer.id);
  changes.customers.push(customer);
  return customer.id;
}
