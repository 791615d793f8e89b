import { type Draft, NOWHERE, type OldCrmMaker } from './old-crm.ts';

/*
 * Each kind of damage: what the old bug, or years without constraints, may have
 * left behind, and what should come of it.
 */

export interface Damage {
  readonly needs: {
    /** How many customers the user must have. */
    readonly customers?: number;
    /** Whether the damage is an id that is no number. */
    readonly anyIds?: boolean;
  };
  inflict(draft: Draft, maker: OldCrmMaker): void;
}

export const DAMAGES: readonly Damage[] = [
  {
    needs: { customers: 2 },
    inflict(draft, maker) {
      draft.profiles = draft.profiles.filter(profile => profile !== draft.profile);
      for (const customer of draft.customers) customer.user_profile_id = null;
      expectedProfile(draft).status = 'active';
      maker.plant('profile_missing', 'users', draft.user.id);
    },
  },
  {
    // Its organization is one that the user is no customer of.
    needs: { customers: 2 },
    inflict(draft, maker) {
      const profile = profileOf(draft);
      profile.organization_id = maker.organization(draft.expected.organizations);
      maker.plant('profile_organization_wrong', 'user_profiles', profile.id);
    },
  },
  {
    needs: { customers: 1 },
    inflict(draft, maker) {
      const profile = profileOf(draft);
      profile.organization_id = maker.random.below(2) === 0 ? null : NOWHERE + maker.random.below(20);
      maker.plant('profile_organization_wrong', 'user_profiles', profile.id);
    },
  },
  {
    // An older customer of an organization that was deleted.
    needs: { customers: 1 },
    inflict(draft, maker) {
      const organization = NOWHERE + maker.random.below(20);
      const [first] = draft.customers;
      if (first === undefined) throw new Error('there is a customer');
      const customer = maker.customerRow(draft.user.id, organization, profileOf(draft).id);
      // Ids by age: the new one takes the place of the first.
      [first.id, customer.id] = [customer.id, first.id];
      draft.customers.push(customer);
      draft.expected.organizations.add(organization);
      maker.plant('organization_missing', 'customers', customer.id);
    },
  },
  {
    // Somebody without business who is kept out, and stays so.
    needs: { customers: 0 },
    inflict(draft, maker) {
      const organization = NOWHERE + 100 + maker.random.below(20);
      const profile = maker.profileRow(draft.user.id, 'customer', organization, 'suspended');
      draft.profiles.push(profile);
      draft.expected.profiles.set('customer', { organization, status: 'suspended' });
      maker.plant('organization_missing', 'user_profiles', profile.id);
    },
  },
  {
    needs: { customers: 2 },
    inflict(draft, maker) {
      const newest = profileOf(draft);
      const status = maker.random.below(2) === 0 ? 'suspended' : 'active';
      const older = maker.profileRow(draft.user.id, 'customer', maker.organization(), status);
      [newest.id, older.id] = [older.id, newest.id];
      for (const customer of draft.customers) {
        customer.user_profile_id = maker.random.below(2) === 0 ? older.id : newest.id;
      }
      draft.profiles.push(older);
      if (status === 'suspended') expectedProfile(draft).status = 'suspended';
      maker.plant('profile_duplicate', 'user_profiles', older.id);
    },
  },
  {
    needs: {},
    inflict(draft, maker) {
      const profile = maker.profileRow(draft.user.id, 'partner', maker.organization());
      draft.profiles.push(profile);
      maker.plant('profile_type_unknown', 'user_profiles', profile.id);
    },
  },
  {
    needs: { customers: 1 },
    inflict(draft, maker) {
      const profile = profileOf(draft);
      profile.status = 'pending';
      expectedProfile(draft).status = 'suspended';
      maker.plant('profile_status_unknown', 'user_profiles', profile.id);
    },
  },
  {
    needs: { customers: 1 },
    inflict(draft, maker) {
      const [first] = draft.customers;
      const customer = maker.customerRow(draft.user.id, first?.organization_id ?? null, profileOf(draft).id);
      draft.customers.push(customer);
      maker.plant('customer_duplicate', 'customers', customer.id);
    },
  },
  {
    // Linked to nobody's profile, to none, or to somebody else's.
    needs: { customers: 2 },
    inflict(draft, maker) {
      const [first] = draft.customers;
      if (first === undefined) throw new Error('there is a customer');
      const wrong = [null, NOWHERE, maker.crm.profiles[0]?.id ?? NOWHERE];
      first.user_profile_id = wrong[maker.random.below(3)] ?? null;
      maker.plant('customer_profile_wrong', 'customers', first.id);
    },
  },
  {
    needs: {},
    inflict(draft, maker) {
      const customer = maker.customerRow(draft.user.id, null, draft.profile?.id ?? null);
      draft.customers.push(customer);
      maker.plant('customer_without_organization', 'customers', customer.id);
    },
  },
  {
    needs: { customers: 2 },
    inflict(draft, maker) {
      draft.isMissing = true;
      draft.expected.email = null;
      maker.plant('user_missing', 'users', draft.user.id);
    },
  },
  {
    needs: {},
    inflict(draft, maker) {
      draft.user.email = `${'x'.repeat(309)}@example.com`;
      draft.expected.email = null;
      // All of them share it, which is no news about the first.
      draft.user.email = `${draft.user.id}${draft.user.email}`;
      maker.plant('email_unusable', 'users', draft.user.id);
    },
  },
  {
    needs: {},
    inflict(draft, maker) {
      const other = maker.crm.users[maker.random.below(maker.crm.users.length)];
      if (other === undefined || other.email.length > 100 || typeof other.id === 'string') return;
      draft.user.email = other.email.toUpperCase();
      draft.expected.email = draft.user.email;
      maker.plant('email_shared', 'users', draft.user.id);
    },
  },
  {
    // Rows of no user at all, beside those of this one.
    needs: {},
    inflict(draft, maker) {
      const profile = maker.profileRow(null, 'customer', maker.organization());
      const customer = maker.customerRow(null, maker.organization(), profile.id);
      draft.profiles.push(profile);
      draft.customers.push(customer);
      maker.plant('row_without_user', 'user_profiles', profile.id);
      maker.plant('row_without_user', 'customers', customer.id);
    },
  },
  {
    needs: { customers: 1, anyIds: true },
    inflict(draft, maker) {
      const id = `${draft.user.id}-${'i'.repeat(128)}`;
      draft.user.id = id;
      for (const row of [...draft.customers, ...draft.profiles]) row.user_id = id;
      draft.isLeftOut = true;
      maker.plant('user_id_unusable', 'users', id);
    },
  },
];

function profileOf({ profile }: Draft) {
  if (profile === undefined) throw new Error('the user has no customer profile');
  return profile;
}

function expectedProfile({ expected }: Draft) {
  const profile = expected.profiles.get('customer');
  if (profile === undefined) throw new Error('no customer profile is expected');
  return profile;
}
