import { defineEntity, p } from '@mikro-orm/core';
import { Customer } from './customer.ts';
import { Organization } from './organization.ts';

const IssueSchema = defineEntity({
  name: 'Issue',
  tableName: 'issues',
  indexes: [
    { name: 'issues_customer_id_number_idx', properties: ['customerId', 'number'] },
    { name: 'issues_organization_id_number_idx', properties: ['organizationId', 'number'] },
  ],
  uniques: [{ name: 'issues_number_key', properties: ['number'] }],
  checks: [
    { name: 'issues_title_length', expression: 'char_length(title) >= 1 and char_length(title) <= 200' },
  ],
  properties: {
    // The submission's id, never generated here: a job that runs twice meets
    // its own earlier row instead of adding a second one.
    id: p.uuid().primary(),
    // Numbers rise in the order in which issues were applied. A unit of work
    // that is rolled back leaves a gap.
    number: p.bigint('number').autoincrement().generated('identity'),
    customerId: () =>
      p
        .manyToOne(Customer)
        .mapToPk()
        .joinColumn('customer_id')
        .foreignKeyName('issues_customer_id_fkey')
        .index(false),
    organizationId: () =>
      p
        .manyToOne(Organization)
        .mapToPk()
        .joinColumn('organization_id')
        .foreignKeyName('issues_organization_id_fkey')
        .index(false),
    title: p.text(),
    description: p.text().default(''),
    priority: p.enum(['low', 'normal', 'high', 'urgent']).default('normal'),
    category: p.text().nullable(),
    status: p.enum(['open']).default('open'),
    acceptedAt: p.datetime(3).defaultRaw('now()'),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** One applied submission. */
export class Issue extends IssueSchema.class {}

IssueSchema.setClass(Issue);
