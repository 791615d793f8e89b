import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { makeWebhookSecret } from '../../webhook-secret.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import { EndpointId, NothingToSay, theOne } from './webhook-endpoint-id.ts';
import { rotateSecret } from './webhook-statements.ts';
import { iso } from './webhook-views.ts';

const schema = {
  hide: true,
  params: EndpointId,
  body: NothingToSay,
  response: {
    200: Type.Object({
      id: Type.String(),
      secret: Type.String(),
      previousSecretUntil: Type.String({ format: 'date-time' }),
    }),
    ...problems(400, 401, 404, 415, 503),
  },
};

/**
 * POST /admin/webhooks/endpoints/{id}/rotate-secret: a new secret. The one before
 * signs as well for a day, and the one before that no more. Asked for again within
 * a minute it replaces the new one, for its answer may have been lost.
 */
export const webhookSecrets: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { orm }) => {
  app.post('/admin/webhooks/endpoints/:id/rotate-secret', { schema }, async request => {
    const { id } = request.params;
    const secret = makeWebhookSecret();
    const rotated = theOne(await rotateSecret(orm, [secret, id]));
    request.log.info({ endpointId: id }, 'webhook secret rotated by the administrator');
    return { id, secret, previousSecretUntil: iso(rotated.previous_secret_until) };
  });
};
