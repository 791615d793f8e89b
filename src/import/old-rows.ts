/*
 * Rows of the old CRM as they are read: every value is text, whatever its type
 * was there, and an id is the text of the old id.
 */

export interface OldUser {
  readonly id: string;
  readonly email: string | null;
  readonly created: string | null;
}

export interface OldOrganization {
  readonly id: string;
  readonly name: string | null;
  readonly active: string | null;
}

export interface OldProfile {
  readonly id: string;
  readonly user: string;
  readonly organization: string | null;
  readonly type: string | null;
  readonly status: string | null;
}

export interface OldCustomer {
  readonly id: string;
  readonly user: string;
  readonly organization: string | null;
  /** Undefined where the old table has no such column. */
  readonly profile: string | null | undefined;
}

/** All that the old CRM has of one user; rows in the order of their ids, the newest last. */
export interface OldPerson {
  readonly id: string;
  /** Undefined where only other tables speak of the user. */
  readonly user: OldUser | undefined;
  readonly profiles: readonly OldProfile[];
  readonly customers: readonly OldCustomer[];
}
