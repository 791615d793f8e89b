import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import { Found, foundOnLane, foundRow, mergeFound } from './found.ts';
import { type InDatabase, searchDatabase } from './search-database.ts';
import { type OnLanes, searchLanes } from './search-lanes.ts';
import { meaningsOf } from './search-words.ts';
import { unlessAway } from './unless-away.ts';

/*
 * Search across lanes and database. Whoever searches does it because something is
 * wrong: so when one of the two is away, what the other knows is still shown.
 */

const LONGEST_TEXT = 400;

const Answer = Type.Object({
  /** The newest first. */
  submissions: Type.Array(Found),
  organizations: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), active: Type.Boolean() })),
  /** What was looked through in part only, for people. */
  cut: Type.Array(Type.String()),
  /** What did not answer, and is not in here. */
  away: Type.Array(Type.Enum(['database', 'lanes'])),
  /** For the next page, of issues with lower numbers. */
  nextBefore: Type.Optional(Type.String()),
});

const schema = {
  hide: true,
  querystring: Type.Object(
    {
      text: Type.String({ minLength: 1, maxLength: LONGEST_TEXT, pattern: '^[^\\u0000]*$' }),
      before: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,17}$' })),
    },
    { additionalProperties: false },
  ),
  response: { 200: Answer, ...problems(400, 401) },
};

const NOT_IN_DATABASE: InDatabase = { rows: [], organizations: [], nextBefore: undefined, cut: [] };
const NOT_ON_LANES: OnLanes = { found: [], cut: [] };

/** GET /admin/glance/search: submissions by user, id, key, user and key, or organization. */
export const search: FastifyPluginAsyncTypebox<AdminOptions> = async (app, options) => {
  const { orm, queues, showContent } = options;
  const shown = { lanes: queues.length, showContent };

  app.get('/admin/glance/search', { schema }, async request => {
    const { before } = request.query;
    const meanings = meaningsOf(request.query.text.trim());
    const inDatabase = await unlessAway(searchDatabase(orm, meanings, before));
    const { rows, organizations, nextBefore, cut } = inDatabase.value ?? NOT_IN_DATABASE;
    const isFirst = before === undefined;
    const ids = organizations.map(({ id }) => id);
    const onLanes = isFirst ? await unlessAway(searchLanes(queues, meanings, ids)) : {};

    const lanes = onLanes.value ?? NOT_ON_LANES;
    const found = lanes.found.flatMap(each => foundOnLane(each, shown) ?? []);
    return {
      submissions: mergeFound([...rows.map(row => foundRow(row, shown)), ...found]),
      organizations: [...organizations],
      cut: [...cut, ...lanes.cut],
      away: [
        ...(inDatabase.error === undefined ? [] : (['database'] as const)),
        ...(onLanes.error === undefined ? [] : (['lanes'] as const)),
      ],
      ...(nextBefore === undefined ? {} : { nextBefore }),
    };
  });
};
