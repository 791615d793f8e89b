import { defineEntity, p } from '@mikro-orm/core';
import { v7 as uuidv7 } from 'uuid';

const OrganizationSchema = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p
      .uuid()
      .primary()
      .defaultRaw('gen_random_uuid()')
      .onCreate(() => uuidv7()),
    name: p.text(),
    active: p.boolean().default(true),
  },
});

/** Who receives issues. An inactive one receives none: its submissions are rejected. */
export class Organization extends OrganizationSchema.class {}

OrganizationSchema.setClass(Organization);
