import { defineEntity, p } from '@mikro-orm/core';

const RefusalSchema = defineEntity({
  name: 'Refusal',
  tableName: 'refusals',
  indexes: [
    { name: 'refusals_user_id_refused_at_idx', properties: ['userId', 'refusedAt'] },
    { name: 'refusals_organization_id_refused_at_idx', properties: ['organizationId', 'refusedAt'] },
    {
      name: 'refusals_code_idx',
      expression: 'create index "refusals_code_idx" on "refusals" ("code") where applied_at is null',
    },
  ],
  properties: {
    // The submission's id, as in the issues table: a submission is in one of the two.
    id: p.uuid().primary(),
    userId: p.text(),
    organizationId: p.text(),
    status: p.enum(['rejected', 'failed']),
    code: p.text(),
    detail: p.text(),
    // How often the job had been finished before; -1: to be decided anew.
    attempt: p.integer(),
    // As it was sent, to be put on its lane again.
    submission: p.json().columnType('json'),
    acceptedAt: p.datetime(3),
    refusedAt: p.datetime(3).defaultRaw('now()'),
    // When it became an issue after all. The refusal is in force while this is null.
    appliedAt: p.datetime(3).nullable(),
  },
});

/** One submission that ended without an issue. */
export class Refusal extends RefusalSchema.class {}

RefusalSchema.setClass(Refusal);
