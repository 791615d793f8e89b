import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { Cursor, cursorOf } from '../cursor.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import { EndpointId, NothingToSay, theOne } from './webhook-endpoint-id.ts';
import { readEndpoint, readGivenUp, tryAgain } from './webhook-statements.ts';
import { GivenUpView, givenUpView } from './webhook-views.ts';

const DEFAULT_LIMIT = 100;

/** Position, entry and place. */
const Whole = Type.String({ pattern: '^\\d{1,18}$' });
const cursors = cursorOf(Type.Tuple([Whole, Whole, Type.Integer({ minimum: 0, maximum: 2_147_483_647 })]));
const FIRST: [string, string, number] = ['-1', '0', 0];

const givenUpSchema = {
  hide: true,
  params: EndpointId,
  querystring: Type.Object(
    {
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({ deliveries: Type.Array(GivenUpView), nextCursor: Type.Optional(Type.String()) }),
    ...problems(400, 401, 404, 503),
  },
};

const tryAgainSchema = {
  hide: true,
  params: EndpointId,
  body: NothingToSay,
  response: {
    200: Type.Object({ id: Type.String(), deliveries: Type.Integer() }),
    ...problems(400, 401, 404, 415, 503),
  },
};

/** What one endpoint could not be told, and telling it after all. */
export const webhookDeliveries: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { orm }) => {
  app.get('/admin/webhooks/endpoints/:id/given-up', { schema: givenUpSchema }, async request => {
    const { id } = request.params;
    const { cursor, limit = DEFAULT_LIMIT } = request.query;
    const after = cursor === undefined ? FIRST : cursors.read(cursor);
    const found = await readGivenUp(orm, [id, ...after, limit + 1]);
    if (found.length === 0) theOne(await readEndpoint(orm, [id]));
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : undefined;
    return {
      deliveries: shown.map(givenUpView),
      ...(last === undefined ? {} : { nextCursor: cursors.write([last.position, last.entry, last.place]) }),
    };
  });

  app.post('/admin/webhooks/endpoints/:id/try-again', { schema: tryAgainSchema }, async request => {
    const { id } = request.params;
    const { deliveries } = theOne(await tryAgain(orm, [id, id]));
    request.log.info({ endpointId: id, deliveries }, 'webhooks to be tried again, by the administrator');
    return { id, deliveries };
  });
};
