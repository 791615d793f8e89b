import { randomUUIDv7 } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { checkEndpointUrl } from '../../webhooks/endpoint-url.ts';
import { makeWebhookSecret } from '../../webhooks/secret.ts';
import { Cursor, cursorOf } from '../cursor.ts';
import { ValidationError } from '../request-errors.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import { EndpointId, theOne } from './webhook-endpoint-id.ts';
import {
  deleteEndpoint,
  insertEndpoint,
  readEndpoint,
  readEndpoints,
  updateEndpoint,
} from './webhook-statements.ts';
import { EndpointView, endpointView } from './webhook-views.ts';

const DEFAULT_LIMIT = 100;

/** Before all others. */
const FIRST = '00000000-0000-0000-0000-000000000000';

const cursors = cursorOf(Type.String({ format: 'uuid' }));

const Url = Type.String({ minLength: 1, maxLength: 2048 });

const listSchema = {
  hide: true,
  querystring: Type.Object(
    {
      organizationId: Type.Optional(Type.String({ format: 'uuid' })),
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({ endpoints: Type.Array(EndpointView), nextCursor: Type.Optional(Type.String()) }),
    ...problems(400, 401, 503),
  },
};

const createSchema = {
  hide: true,
  body: Type.Object(
    {
      organizationId: Type.String({ format: 'uuid' }),
      url: Url,
      ordered: Type.Optional(Type.Boolean({ default: false })),
    },
    { additionalProperties: false },
  ),
  response: {
    201: Type.Object({ ...EndpointView.properties, secret: Type.String() }),
    ...problems(400, 401, 415, 503),
  },
};

const changeSchema = {
  hide: true,
  params: EndpointId,
  body: Type.Object(
    {
      url: Type.Optional(Url),
      ordered: Type.Optional(Type.Boolean()),
      active: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  response: { 200: EndpointView, ...problems(400, 401, 404, 415, 503) },
};

const deleteSchema = { hide: true, params: EndpointId, response: problems(400, 401, 404, 503) };

/** /admin/webhooks/endpoints: who is told. */
export const webhookEndpoints: FastifyPluginAsyncTypebox<AdminOptions> = async (app, options) => {
  const { orm, allowPrivateWebhooks = false } = options;

  app.get('/admin/webhooks/endpoints', { schema: listSchema }, async request => {
    const { organizationId = null, cursor, limit = DEFAULT_LIMIT } = request.query;
    const after = cursor === undefined ? FIRST : cursors.read(cursor);
    const found = await readEndpoints(orm, [organizationId, organizationId, after, limit + 1]);
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : undefined;
    return {
      endpoints: shown.map(endpointView),
      ...(last === undefined ? {} : { nextCursor: cursors.write(last.id) }),
    };
  });

  app.post('/admin/webhooks/endpoints', { schema: createSchema }, async (request, reply) => {
    const { organizationId, url, ordered = false } = request.body;
    refuseBadUrl(url, allowPrivateWebhooks);
    const [id, secret] = [randomUUIDv7(), makeWebhookSecret()];
    const [made] = await insertEndpoint(orm, [id, url, ordered, secret, organizationId]);
    if (made === undefined) throw invalid('/organizationId', 'must be that of an organization');
    request.log.info({ endpointId: id, organizationId }, 'webhook endpoint made by the administrator');
    const endpoint = endpointView(theOne(await readEndpoint(orm, [id])));
    return reply.code(201).send({ ...endpoint, secret });
  });

  app.patch('/admin/webhooks/endpoints/:id', { schema: changeSchema }, async request => {
    const { id } = request.params;
    const { url = null, ordered = null, active = null } = request.body;
    if (url !== null) refuseBadUrl(url, allowPrivateWebhooks);
    theOne(await updateEndpoint(orm, [url, ordered, active, id]));
    request.log.info({ endpointId: id }, 'webhook endpoint changed by the administrator');
    return endpointView(theOne(await readEndpoint(orm, [id])));
  });

  app.delete('/admin/webhooks/endpoints/:id', { schema: deleteSchema }, async (request, reply) => {
    const { id } = request.params;
    theOne(await deleteEndpoint(orm, [id]));
    request.log.info({ endpointId: id }, 'webhook endpoint deleted by the administrator');
    return reply.code(204).send();
  });
};

/** @throws ValidationError */
function refuseBadUrl(url: string, allowPrivate: boolean): void {
  const checked = checkEndpointUrl(url, allowPrivate);
  if ('mistake' in checked) throw invalid('/url', checked.mistake);
}

function invalid(pointer: string, detail: string): ValidationError {
  return new ValidationError('the body is not as it should be', [{ pointer, detail }]);
}
