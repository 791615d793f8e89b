import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { Cursor, cursorOf } from './cursor.ts';
import { IssueView, listIssues } from './issue-reads.ts';
import { problems } from './responses.ts';

export interface MyIssuesOptions {
  readonly orm: MikroORM;
}

const DEFAULT_LIMIT = 20;

const Page = Type.Object({
  issues: Type.Array(IssueView),
  nextCursor: Type.Optional(Type.String({ description: 'Absent on the last page' })),
});

/** The number of the last issue on the page before; as text, because it is a bigint. */
const cursors = cursorOf(Type.String({ pattern: '^[1-9][0-9]{0,17}$' }));

const schema = {
  operationId: 'myIssues',
  tags: ['issues'],
  summary: 'Your issues, newest first',
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

/** GET /issues: a page of the caller's issues. */
export const myIssues: FastifyPluginAsyncTypebox<MyIssuesOptions> = async (app, { orm }) => {
  app.get('/issues', { schema }, async request => {
    const { cursor, limit = DEFAULT_LIMIT } = request.query;
    const before = cursor === undefined ? undefined : cursors.read(cursor);
    // One more than is shown: it tells whether there is another page.
    const found = await listIssues(orm, request.caller.userId, limit + 1, before);
    const issues = found.slice(0, limit);
    const last = issues.at(-1);
    if (found.length <= limit || last === undefined) return { issues };
    return { issues, nextCursor: cursors.write(String(last.number)) };
  });
};
