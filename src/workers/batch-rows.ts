import type { Refused, Submission } from '../submission.ts';
import type { ToldOutcome } from './write-outbox.ts';

/*
 * The rows of a batch: those that are there when it begins, and those to write.
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
  /** The refusals in force, by the submission's id. */
  readonly refusals: Map<string, KnownRefusal>;
  /** The ids of organizations that are told of outcomes. */
  readonly told: Set<string>;
}

/** A decision, and the attempt that it is for. */
export interface KnownRefusal extends Refused {
  readonly attempt: number;
}

export interface Profile {
  readonly id: string;
  readonly userId: string;
  readonly status: 'active' | 'suspended';
  organizationId: string;
}

/** A profile's step from one primary organization to another. */
export interface Move {
  readonly profile: Profile;
  /** Undefined for where a profile that was there began: that is known for certain only with its row locked. */
  readonly from: string | undefined;
  readonly to: string;
  /** The issue that the profile followed. */
  readonly issueId: string;
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

export interface NewRefusal extends Refused {
  readonly submission: Submission;
}

/** The rows to write. */
export interface Changes {
  readonly users: { readonly id: string; readonly email: string | null }[];
  readonly profiles: Set<Profile>;
  /** Profiles that were there and get a new primary organization. */
  readonly moved: Set<Profile>;
  /** Every step of these, and of new profiles after their first organization. */
  readonly moves: Move[];
  readonly customers: NewCustomer[];
  readonly issues: NewIssue[];
  /** By the submission's id. */
  readonly refusals: Map<string, NewRefusal>;
  /** The ids of submissions that were refused and become issues after all. */
  readonly redriven: Set<string>;
  /** What organizations are told, in the order in which it was decided. */
  readonly toTell: ToldOutcome[];
  /** The ids of these organizations. */
  readonly tellTo: Set<string>;
}

export function noChanges(): Changes {
  return {
    users: [],
    profiles: new Set(),
    moved: new Set(),
    moves: [],
    customers: [],
    issues: [],
    refusals: new Map(),
    redriven: new Set(),
    toTell: [],
    tellTo: new Set(),
  };
}

/** A customer is a pair of user and organization. */
export function customerKey({ userId, organizationId }: { userId: string; organizationId: string }): string {
  return `${organizationId}/${userId}`;
}
