import type { FastifyInstance } from 'fastify';
import type { AdminOptions } from './admin.ts';
import { refuseActions } from './refuse-actions.ts';
import { webhookDeliveries } from './webhook-deliveries.ts';
import { webhookEndpoints } from './webhook-endpoints.ts';
import { webhookSecrets } from './webhook-secrets.ts';

/** Who is told what became of submissions, and whether they were told: all below /admin/webhooks. */
export async function webhooks(app: FastifyInstance, options: AdminOptions): Promise<void> {
  if (!options.allowActions) refuseActions(app);
  await app.register(webhookEndpoints, options);
  await app.register(webhookSecrets, options);
  await app.register(webhookDeliveries, options);
}
