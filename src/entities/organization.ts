import { randomUUIDv7 } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';

const OrganizationSchema = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p
      .uuid()
      .primary()
      .defaultRaw('gen_random_uuid()')
      .onCreate(() => randomUUIDv7()),
    name: p.text(),
    active: p.boolean().default(true),
  },
});

/** Who receives issues. An inactive one receives none: its submissions are rejected. */
export class Organization extends OrganizationSchema.class {}

OrganizationSchema.setClass(Organization);
