import { defineEntity, p } from '@mikro-orm/core';
import { WebhookEndpoint } from './webhook-endpoint.ts';

const WebhookDeliverySchema = defineEntity({
  name: 'WebhookDelivery',
  tableName: 'webhook_deliveries',
  indexes: [
    {
      name: 'webhook_deliveries_endpoint_id_due_at_idx',
      expression:
        'create index "webhook_deliveries_endpoint_id_due_at_idx" on "webhook_deliveries" ("endpoint_id", "due_at") where failed_at is null',
    },
    {
      name: 'webhook_deliveries_next_idx',
      expression:
        'create index "webhook_deliveries_next_idx" on "webhook_deliveries" ("endpoint_id", "position", "entry", "place") where failed_at is null',
    },
    {
      name: 'webhook_deliveries_given_up_idx',
      expression:
        'create index "webhook_deliveries_given_up_idx" on "webhook_deliveries" ("endpoint_id", "position", "entry", "place") where failed_at is not null',
    },
    {
      name: 'webhook_deliveries_failed_at_idx',
      expression:
        'create index "webhook_deliveries_failed_at_idx" on "webhook_deliveries" ("failed_at") where failed_at is not null',
    },
  ],
  properties: {
    endpointId: () =>
      p
        .manyToOne(WebhookEndpoint)
        .mapToPk()
        .joinColumn('endpoint_id')
        .foreignKeyName('webhook_deliveries_endpoint_id_fkey')
        .deleteRule('cascade')
        .index(false)
        .primary(),
    // The number; of a refusal, the number of the issue it follows.
    position: p.bigint('string').primary(),
    // The outbox entry, and the place in it: they tell apart, and put in order, what shares a position.
    entry: p.bigint('string').primary(),
    place: p.integer().primary(),
    // The message's id, the same on every try.
    id: p.uuid().defaultRaw('gen_random_uuid()'),
    submissionId: p.uuid(),
    status: p.enum(['applied', 'rejected', 'failed']),
    // Of a refusal; an issue is found by the submission's id.
    code: p.text().nullable(),
    detail: p.text().nullable(),
    userId: p.text(),
    // When the outcome was decided.
    decidedAt: p.datetime(3),
    tries: p.integer().default(0),
    dueAt: p.datetime(3).defaultRaw('now()'),
    // Why the last try failed. With no tries: it had been given up, and is to be tried again.
    failure: p.text().nullable(),
    // When it was given up. It is kept for a while, and can be tried again.
    failedAt: p.datetime(3).nullable(),
  },
});

/** One outcome that one endpoint is still to be told of. */
export class WebhookDelivery extends WebhookDeliverySchema.class {}

WebhookDeliverySchema.setClass(WebhookDelivery);
