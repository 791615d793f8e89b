import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { newestOf } from '../../lane-set.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import { Found, foundOnLane, foundRow, mergeFound } from './found.ts';
import { type InDatabase, type Named, organizationsNamed, searchDatabase } from './search-database.ts';
import { type OnLanes, searchLanes } from './search-lanes.ts';
import { meaningsOf } from './search-words.ts';
import { unlessAway } from './unless-away.ts';

/*
 * Search across lanes and database. Whoever searches does it because something is
 * wrong: so when one of the two is away, what the other knows is still shown. The
 * lanes first: what leaves them meanwhile is in the database then.
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

const NOBODY: Named = { organizations: [], isCut: false };
const NOT_IN_DATABASE: InDatabase = { rows: [], nextBefore: undefined, cut: [] };
const NOT_ON_LANES: OnLanes = { found: [], cut: [] };

/** GET /admin/glance/search: submissions by user, id, key, user and key, or organization. */
export const search: FastifyPluginAsyncTypebox<AdminOptions> = async (app, options) => {
  const { orm, showContent } = options;

  app.get('/admin/glance/search', { schema }, async request => {
    const { before } = request.query;
    const sets = options.lanes();
    const shown = { epoch: newestOf(sets), showContent };
    const meanings = meaningsOf(request.query.text.trim());
    const named = await unlessAway(organizationsNamed(orm, meanings));
    const organizations = named.value?.organizations ?? [];
    const isFirst = before === undefined;
    const ids = organizations.map(({ id }) => id);
    const onLanes = isFirst ? await unlessAway(searchLanes(sets, meanings, ids)) : {};
    const inDatabase = await unlessAway(searchDatabase(orm, meanings, named.value ?? NOBODY, before));

    const { rows, nextBefore, cut } = inDatabase.value ?? NOT_IN_DATABASE;
    const lanes = onLanes.value ?? NOT_ON_LANES;
    const found = lanes.found.flatMap(each => foundOnLane(each, shown) ?? []);
    return {
      submissions: mergeFound([...rows.map(row => foundRow(row, shown)), ...found]),
      organizations: isFirst ? [...organizations] : [],
      cut: [...cut, ...lanes.cut],
      away: [
        ...((named.error ?? inDatabase.error) === undefined ? [] : (['database'] as const)),
        ...(onLanes.error === undefined ? [] : (['lanes'] as const)),
      ],
      ...(nextBefore === undefined ? {} : { nextBefore }),
    };
  });
};
