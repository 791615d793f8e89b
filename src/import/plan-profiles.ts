import { PROFILE_TYPES, type ProfileType } from './new-rows.ts';
import type { OldCustomer, OldProfile } from './old-rows.ts';
import type { PersonPlan } from './plan-person.ts';
import { organizationIdOf, profileIdOf } from './stable-id.ts';
import { word } from './values.ts';

/** One profile of each type, however many there are; and one for customers who have none. */
export function planProfiles(plan: PersonPlan, customers: readonly OldCustomer[]): void {
  for (const type of PROFILE_TYPES) {
    const profiles = plan.person.profiles.filter(profile => word(profile.type) === type);
    const newest = profiles.at(-1);
    if (newest !== undefined) planProfile(plan, type, newest, profiles, customers);
    else if (type === 'customer') planMissing(plan, customers);
  }
  for (const { id, type } of plan.person.profiles) {
    if (!PROFILE_TYPES.some(known => known === word(type))) {
      plan.note('profile_type_unknown', 'user_profiles', id, `its type is ${quote(type)}; left out`);
    }
  }
}

function planProfile(
  plan: PersonPlan,
  profileType: ProfileType,
  newest: OldProfile,
  profiles: readonly OldProfile[],
  customers: readonly OldCustomer[],
): void {
  const userId = plan.person.id;
  for (const { id } of profiles.slice(0, -1)) {
    const what = `profile ${newest.id} is of this user and type, too, and newer`;
    plan.note('profile_duplicate', 'user_profiles', id, what);
  }
  const statuses = profiles.map(profile => statusOf(plan, profile));
  plan.rows.profiles.push({
    id: profileIdOf(userId, profileType),
    userId,
    profileType,
    organizationId:
      profileType === 'customer'
        ? primaryOrganization(plan, newest, customers)
        : plan.organizationOf('user_profiles', newest),
    // Whoever was kept out by one of them stays out.
    status: statuses.includes('suspended') ? 'suspended' : 'active',
  });
}

/** The old bug's trace: the customer was made, and making its profile failed. */
function planMissing(plan: PersonPlan, customers: readonly OldCustomer[]): void {
  const last = lastOf(plan, customers);
  if (last === undefined) return;
  const userId = plan.person.id;
  const what = `${customers.length} customers and no profile; made, of organization ${last.organization}`;
  plan.note('profile_missing', 'users', userId, what);
  plan.rows.profiles.push({
    id: profileIdOf(userId, 'customer'),
    userId,
    profileType: 'customer',
    organizationId: organizationIdOf(last.organization),
    status: 'active',
  });
}

/** Its own, if the user is a customer of that, or of none. */
function primaryOrganization(
  plan: PersonPlan,
  profile: OldProfile,
  customers: readonly OldCustomer[],
): string {
  const last = lastOf(plan, customers);
  if (last === undefined) return plan.organizationOf('user_profiles', profile);
  const { id, organization } = profile;
  if (customers.some(customer => customer.organization === organization))
    return organizationIdOf(organization);
  const why = plan.isThere(organization) ? 'which the user is no customer of' : 'which is not there';
  const what = `its organization is ${organization ?? 'not set'}, ${why}; moved to ${last.organization}`;
  plan.note('profile_organization_wrong', 'user_profiles', id, what);
  return organizationIdOf(last.organization);
}

/** The newest customer, of an organization that is there if one is. */
function lastOf(plan: PersonPlan, customers: readonly OldCustomer[]): OldCustomer | undefined {
  return customers.findLast(({ organization }) => plan.isThere(organization)) ?? customers.at(-1);
}

const STATUSES = new Map<string, 'active' | 'suspended'>([
  ['active', 'active'],
  ['suspended', 'suspended'],
]);

/** Of what we do not know nobody should be let in; a person looks at it. */
function statusOf(plan: PersonPlan, { id, status }: OldProfile): 'active' | 'suspended' {
  const known = STATUSES.get(word(status));
  if (known !== undefined) return known;
  plan.note(
    'profile_status_unknown',
    'user_profiles',
    id,
    `its status is ${quote(status)}; taken as suspended`,
  );
  return 'suspended';
}

/** A word of the old CRM's vocabulary; cut, in case it is none. */
function quote(value: string | null): string {
  return value === null ? 'not set' : JSON.stringify(value.slice(0, 40));
}
