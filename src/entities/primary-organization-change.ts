import { defineEntity, p } from '@mikro-orm/core';

const PrimaryOrganizationChangeSchema = defineEntity({
  name: 'PrimaryOrganizationChange',
  tableName: 'primary_organization_changes',
  indexes: [{ name: 'primary_organization_changes_user_id_id_idx', properties: ['userId', 'id'] }],
  uniques: [{ name: 'primary_organization_changes_issue_id_key', properties: ['issueId'] }],
  properties: {
    // Of one profile's changes they rise in the order in which these were made.
    id: p.bigint('string').primary().autoincrement().generated('identity'),
    userId: p.text(),
    userProfileId: p.uuid(),
    fromOrganizationId: p.uuid(),
    toOrganizationId: p.uuid(),
    // The issue that the profile followed; null when somebody else moved it.
    issueId: p.uuid().nullable(),
    changedAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** One change of a profile's primary organization. The first organization of a profile is none. */
export class PrimaryOrganizationChange extends PrimaryOrganizationChangeSchema.class {}

PrimaryOrganizationChangeSchema.setClass(PrimaryOrganizationChange);
