import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { Cursor, cursorOf } from './cursor.ts';
import { defineRead } from './database-reads.ts';
import { problems } from './responses.ts';

export interface OrganizationsOptions {
  readonly orm: MikroORM;
}

const DEFAULT_LIMIT = 100;

const OrganizationView = Type.Object({ id: Type.String({ format: 'uuid' }), name: Type.String() });

const Page = Type.Object({
  organizations: Type.Array(OrganizationView),
  nextCursor: Type.Optional(Type.String({ description: 'Absent on the last page' })),
});

/** Names are not unique, so the id breaks the tie. */
const Position = Type.Tuple([Type.String({ pattern: '^[^\\u0000]*$' }), Type.String({ format: 'uuid' })]);
const cursors = cursorOf(Position);

const readFirst = defineRead(
  'select id, name from organizations where active order by name, id limit ?',
  OrganizationView,
);
const readAfter = defineRead(
  'select id, name from organizations where active and (name, id) > (?, ?) order by name, id limit ?',
  OrganizationView,
);

const schema = {
  operationId: 'organizations',
  tags: ['organizations'],
  summary: 'Active organizations, by name',
  security: [{ bearer: [] }],
  querystring: Type.Object(
    {
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
    },
    { additionalProperties: false },
  ),
  response: { 200: Page, ...problems(400, 401, 429, 503) },
};

/** GET /organizations: those that take issues. */
export const organizations: FastifyPluginAsyncTypebox<OrganizationsOptions> = async (app, { orm }) => {
  app.get('/organizations', { schema }, async request => {
    const { cursor, limit = DEFAULT_LIMIT } = request.query;
    const found =
      cursor === undefined
        ? await readFirst(orm, [limit + 1])
        : await readAfter(orm, [...cursors.read(cursor), limit + 1]);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    if (found.length <= limit || last === undefined) return { organizations: shown };
    return { organizations: shown, nextCursor: cursors.write([last.name, last.id]) };
  });
};
