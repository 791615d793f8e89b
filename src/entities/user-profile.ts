import { randomUUIDv7 } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { Organization } from './organization.ts';
import { User } from './user.ts';

/** Spelled as PostgreSQL gives it back, so that entity and table can be compared. */
const MOVED_BY_OTHERS = `((old.organization_id <> new.organization_id) AND (current_setting('issue_intake.moved_by'::text, true) IS DISTINCT FROM 'issue'::text))`;

const NOTE_MOVE = `insert into primary_organization_changes
          (user_id, user_profile_id, from_organization_id, to_organization_id)
        values (new.user_id, new.id, old.organization_id, new.organization_id);
        return null`;

const UserProfileSchema = defineEntity({
  name: 'UserProfile',
  tableName: 'user_profiles',
  uniques: [{ name: 'user_profiles_user_id_profile_type_key', properties: ['userId', 'profileType'] }],
  triggers: [
    {
      // Notes in the trail what was moved by anything but an issue.
      name: 'note_move',
      timing: 'after',
      events: ['update'],
      when: MOVED_BY_OTHERS,
      body: NOTE_MOVE,
    },
  ],
  properties: {
    id: p
      .uuid()
      .primary()
      .defaultRaw('gen_random_uuid()')
      .onCreate(() => randomUUIDv7()),
    userId: () =>
      p
        .manyToOne(User)
        .mapToPk()
        .joinColumn('user_id')
        .foreignKeyName('user_profiles_user_id_fkey')
        .index(false),
    profileType: p.enum(['vendor', 'employee', 'customer']),
    // The primary organization: that of the user's last applied issue.
    organizationId: () =>
      p
        .manyToOne(Organization)
        .mapToPk()
        .joinColumn('organization_id')
        .foreignKeyName('user_profiles_organization_id_fkey')
        .index(false),
    status: p.enum(['active', 'suspended']).default('active'),
  },
});

/**
 * Who a user is in one role. The table allows one profile per user and type,
 * whatever the organization: look it up by those two alone. Looking it up by
 * organization too is the fault this project replaces.
 */
export class UserProfile extends UserProfileSchema.class {}

UserProfileSchema.setClass(UserProfile);
