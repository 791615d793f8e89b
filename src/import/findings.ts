import type { OldTable } from '../import-arguments.ts';

/*
 * What an import finds wrong with the old rows. A finding depends on the old
 * database alone, so a run that is repeated reports the same; the one that
 * compares with the new system says so.
 */

/** What is done about it: the row comes in corrected, or not at all, or as it is, for a person to look at. */
export type Deed = 'repaired' | 'left out' | 'kept';

interface Kind {
  readonly deed: Deed;
  /** For people. */
  readonly title: string;
}

export const KINDS = {
  organization_inactive: { deed: 'kept', title: 'inactive organization: stays inactive, takes no issues' },
  organization_name_cut: { deed: 'repaired', title: 'organization’s name is too long: cut' },
  organization_name_missing: { deed: 'repaired', title: 'organization has no name: named after its id' },
  organization_missing: {
    deed: 'repaired',
    title: 'names no organization that is there: an inactive one made',
  },
  user_missing: { deed: 'repaired', title: 'rows of a user who is not there: user made' },
  user_id_unusable: { deed: 'left out', title: 'user’s id is too long, or cannot be stored' },
  email_unusable: { deed: 'repaired', title: 'e-mail is too long, or cannot be stored: none' },
  email_shared: { deed: 'kept', title: 'e-mail that an older user has, too' },
  profile_missing: { deed: 'repaired', title: 'customers without a profile: profile made' },
  profile_organization_wrong: {
    deed: 'repaired',
    title: 'profile of an organization that its user is no customer of: moved to the last customer’s',
  },
  profile_duplicate: { deed: 'left out', title: 'older profile of a user and type: the newest stays' },
  profile_type_unknown: { deed: 'left out', title: 'profile of an unknown type' },
  profile_status_unknown: { deed: 'repaired', title: 'profile of an unknown status: suspended' },
  profile_active_here: { deed: 'kept', title: 'suspended profile that is active in the new system' },
  customer_duplicate: {
    deed: 'left out',
    title: 'later customer of a user and organization: the first stays',
  },
  customer_profile_wrong: { deed: 'repaired', title: 'customer not linked to its user’s profile: linked' },
  customer_without_organization: { deed: 'left out', title: 'customer of no organization' },
  row_without_user: { deed: 'left out', title: 'row of no user' },
} as const satisfies Record<string, Kind>;

export type FindingKind = keyof typeof KINDS;

/** One old row to look at. Ids only: what people wrote is nobody's business here. */
export interface Finding {
  readonly kind: FindingKind;
  readonly table: OldTable;
  /** The row's id in the old table. */
  readonly id: string;
  readonly userId: string | null;
  /** What the row says, and what comes of it. */
  readonly what: string;
}
