import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type AdminCredentials, requireAdmin } from './admin-auth.ts';
import type { FleetHistory } from './fleet-history.ts';
import { History } from './history-view.ts';

export interface GlanceOptions extends AdminCredentials {
  readonly history: Pick<FleetHistory, 'read'>;
}

const schema = {
  hide: true,
  querystring: Type.Object({ since: Type.Optional(Type.Integer({ minimum: 0, default: 0 })) }),
  response: { 200: History },
};

/** GET /admin/glance/history: what all processes have done within the last hour, for the administrator. */
export const glance: FastifyPluginAsyncTypebox<GlanceOptions> = async (app, options) => {
  await requireAdmin(app, options);
  app.get('/admin/glance/history', { schema }, async ({ query: { since = 0 } }, reply) => {
    reply.header('cache-control', 'no-store');
    return options.history.read(since);
  });
};
