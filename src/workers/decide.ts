import { randomUUIDv7 } from 'node:crypto';
import type { Refused, RejectionCode, Submission } from '../submission.ts';

/*
 * The rules of the domain, without a database: from the rows that are there, and
 * the submissions in their order, to the rows to write. A later submission of a
 * batch sees what an earlier one did.
 */

/** The rows that a batch is about. Deciding adds to them. */
export interface KnownRows {
  readonly users: Set<string>;
  /** Whether an organization is active, by id. */
  readonly organizations: Map<string, boolean>;
  /** Customer profiles by user alone, whatever their organization: a user has one. */
  readonly profiles: Map<string, Profile>;
  /** The ids of customers, by {@link customerKey}. */
  readonly customers: Map<string, string>;
  /** The ids of issues. */
  readonly issues: Set<string>;
}

export interface Profile {
  readonly id: string;
  readonly userId: string;
  readonly status: 'active' | 'suspended';
  organizationId: string;
}

export interface NewCustomer {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly userProfileId: string;
}

export interface NewIssue {
  readonly submission: Submission;
  readonly customerId: string;
}

/** The rows to write. */
export interface Changes {
  readonly users: { readonly id: string; readonly email: string | null }[];
  readonly profiles: Set<Profile>;
  /** Profiles that were there and get a new primary organization. */
  readonly moved: Set<Profile>;
  readonly customers: NewCustomer[];
  readonly issues: NewIssue[];
}

/** What a submission comes to. An issue has its number only when the changes are written. */
export type Decision =
  | Refused
  | { readonly status: 'applied'; readonly issueId: string; readonly again: boolean };

export function noChanges(): Changes {
  return { users: [], profiles: new Set(), moved: new Set(), customers: [], issues: [] };
}

/** Decides on one submission, and notes in `known` and `changes` what follows from it. */
export function decide(submission: Submission, known: KnownRows, changes: Changes): Decision {
  const issueId = submission.id;
  // Applied before: whatever has become of the organization or the profile since.
  if (known.issues.has(issueId)) return { status: 'applied', issueId, again: true };
  const code = rejectionOf(submission, known);
  if (code !== undefined) return { status: 'rejected', code, detail: REASONS[code](submission) };

  const profile = known.profiles.get(submission.userId) ?? addProfile(submission, known, changes);
  followTo(submission.organizationId, profile, changes);
  const customerId =
    known.customers.get(customerKey(submission)) ?? addCustomer(submission, profile, known, changes);
  known.issues.add(issueId);
  changes.issues.push({ submission, customerId });
  return { status: 'applied', issueId, again: false };
}

/** A customer is a pair of user and organization. */
export function customerKey({ userId, organizationId }: { userId: string; organizationId: string }): string {
  return `${organizationId}/${userId}`;
}

const REASONS: Record<RejectionCode, (submission: Submission) => string> = {
  organization_not_found: ({ organizationId }) => `organization "${organizationId}" does not exist`,
  organization_inactive: ({ organizationId }) => `organization "${organizationId}" is not active`,
  profile_suspended: () => 'the customer profile is suspended',
};

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
function followTo(organizationId: string, profile: Profile, changes: Changes): void {
  if (profile.organizationId === organizationId) return;
  profile.organizationId = organizationId;
  if (!changes.profiles.has(profile)) changes.moved.add(profile);
}

function addCustomer(submission: Submission, profile: Profile, known: KnownRows, changes: Changes): string {
  const { userId, organizationId } = submission;
  const customer = { id: randomUUIDv7(), userId, organizationId, userProfileId: profile.id };
  known.customers.set(customerKey(customer), customer.id);
  changes.customers.push(customer);
  return customer.id;
}
