/** The rows of the new database that come of old ones. */
export interface NewRows {
  readonly organizations: NewOrganization[];
  readonly users: NewUser[];
  readonly profiles: NewProfile[];
  readonly customers: NewCustomer[];
}

export interface NewOrganization {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
}

export interface NewUser {
  readonly id: string;
  readonly email: string | null;
  /** ISO 8601; null for now. */
  readonly createdAt: string | null;
}

export const PROFILE_TYPES = ['vendor', 'employee', 'customer'] as const;
export type ProfileType = (typeof PROFILE_TYPES)[number];

export interface NewProfile {
  readonly id: string;
  readonly userId: string;
  readonly profileType: ProfileType;
  readonly organizationId: string;
  readonly status: 'active' | 'suspended';
}

/** Its profile is the customer profile that its user has when it is written. */
export interface NewCustomer {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
}

export function noRows(): NewRows {
  return { organizations: [], users: [], profiles: [], customers: [] };
}
