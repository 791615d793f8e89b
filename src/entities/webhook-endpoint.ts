import { randomUUIDv7 } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { Organization } from './organization.ts';

const WebhookEndpointSchema = defineEntity({
  name: 'WebhookEndpoint',
  tableName: 'webhook_endpoints',
  indexes: [
    {
      name: 'webhook_endpoints_organization_id_idx',
      expression:
        'create index "webhook_endpoints_organization_id_idx" on "webhook_endpoints" ("organization_id") where active',
    },
  ],
  properties: {
    id: p
      .uuid()
      .primary()
      .defaultRaw('gen_random_uuid()')
      .onCreate(() => randomUUIDv7()),
    organizationId: () =>
      p
        .manyToOne(Organization)
        .mapToPk()
        .joinColumn('organization_id')
        .foreignKeyName('webhook_endpoints_organization_id_fkey')
        .index(false),
    url: p.text(),
    // Whether it is told one outcome after the other, in the order of the issues' numbers.
    ordered: p.boolean().default(false),
    // An inactive one is told nothing: neither what happens meanwhile, nor later.
    active: p.boolean().default(true),
    secret: p.text(),
    // Signs as well until then, so that a receiver can change its own at leisure.
    previousSecret: p.text().nullable(),
    previousSecretUntil: p.datetime(3).nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** Where an organization is told what became of its submissions. */
export class WebhookEndpoint extends WebhookEndpointSchema.class {}

WebhookEndpointSchema.setClass(WebhookEndpoint);
