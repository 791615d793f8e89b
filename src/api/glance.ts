import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { FleetHistory } from './fleet-history.ts';
import { History } from './history-view.ts';

export interface GlanceOptions {
  readonly history: Pick<FleetHistory, 'read'>;
}

const schema = {
  hide: true,
  querystring: Type.Object({ since: Type.Optional(Type.Integer({ minimum: 0, default: 0 })) }),
  response: { 200: History },
};

/** GET /admin/glance/history: what all processes have done within the last hour. Who may see it is its caller's business. */
export const glance: FastifyPluginAsyncTypebox<GlanceOptions> = async (app, options) => {
  app.get('/admin/glance/history', { schema }, async ({ query: { since = 0 } }, reply) => {
    reply.header('cache-control', 'no-store');
    return options.history.read(since);
  });
};
