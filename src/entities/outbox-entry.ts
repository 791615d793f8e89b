import { defineEntity, p } from '@mikro-orm/core';

const OutboxEntrySchema = defineEntity({
  name: 'OutboxEntry',
  tableName: 'outbox',
  properties: {
    id: p.bigint('string').primary().autoincrement().generated('identity'),
    // The number of the last issue when it was written: what is refused in it comes after that one.
    follows: p.bigint('string'),
    // In the order in which they were decided; of an issue only the id, the rest is found when the entry is taken.
    outcomes: p.json().columnType('jsonb'),
    // The active ones of these organizations when it was decided; each is told what is its organization's.
    endpoints: p.array().columnType('uuid[]'),
    decidedAt: p.datetime(3).defaultRaw('now()'),
  },
});

/**
 * What one unit of work did for the organizations that are told of it. Written in
 * that unit of work, so it is there exactly when the issues are; taken out when
 * it has become deliveries.
 */
export class OutboxEntry extends OutboxEntrySchema.class {}

OutboxEntrySchema.setClass(OutboxEntry);
