import { randomUUIDv7 } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { Organization } from './organization.ts';
import { User } from './user.ts';
import { UserProfile } from './user-profile.ts';

const CustomerSchema = defineEntity({
  name: 'Customer',
  tableName: 'customers',
  uniques: [{ name: 'customers_user_id_organization_id_key', properties: ['userId', 'organizationId'] }],
  properties: {
    id: p
      .uuid()
      .primary()
      .defaultRaw('gen_random_uuid()')
      .onCreate(() => randomUUIDv7()),
    userId: () =>
      p.manyToOne(User).mapToPk().joinColumn('user_id').foreignKeyName('customers_user_id_fkey').index(false),
    organizationId: () =>
      p
        .manyToOne(Organization)
        .mapToPk()
        .joinColumn('organization_id')
        .foreignKeyName('customers_organization_id_fkey')
        .index(false),
    userProfileId: () =>
      p
        .manyToOne(UserProfile)
        .mapToPk()
        .joinColumn('user_profile_id')
        .foreignKeyName('customers_user_profile_id_fkey')
        .index(false),
  },
});

/** A user's business with one organization: at most one row for each pair. */
export class Customer extends CustomerSchema.class {}

CustomerSchema.setClass(Customer);
