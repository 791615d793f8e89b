import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { NEWEST_ISSUES } from '../../src/api/issue-reads.ts';
import { addOrganization, apply, execute, submissionOf } from './support/domain.ts';
import { openApp, openAppWithDatabase } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

interface Page {
  readonly issues: readonly { readonly title: string; readonly number: number }[];
  readonly nextCursor?: string;
}

async function list(app: FastifyInstance, query: Record<string, string> = {}, userId = 'u') {
  const response = await app.inject({ url: '/api/client/issues', query, headers: await bearer(userId) });
  return { status: response.statusCode, body: response.json() };
}

/** Turns the pages until there is none. */
async function listAll(app: FastifyInstance, limit: number): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    const page: Page = (await list(app, { limit: String(limit), ...(cursor && { cursor }) })).body;
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

test('a user without issues has none', async () => {
  const { app } = await openAppWithDatabase();

  expect(await list(app)).toEqual({ status: 200, body: { issues: [] } });
});

test('issues come newest first, of all organizations and of this user alone', async () => {
  const { app, orm } = await openAppWithDatabase();
  const [a, b] = [await addOrganization(orm, 'A'), await addOrganization(orm, 'B')];
  await apply(
    orm,
    submissionOf('u', a, { title: 'first' }),
    submissionOf('u', b, { title: 'second' }),
    submissionOf('v', a, { title: 'not mine' }),
    submissionOf('u', a, { title: 'third' }),
  );

  const { body } = await list(app);

  expect(body.issues.map((issue: Page['issues'][number]) => issue.title)).toEqual([
    'third',
    'second',
    'first',
  ]);
  expect(body).not.toHaveProperty('nextCursor');
});

test.each([1, 2, 3, 6, 7, 8])('pages of %i show each issue once', async limit => {
  const { app, orm } = await openAppWithDatabase();
  const [a, b] = [await addOrganization(orm, 'A'), await addOrganization(orm, 'B')];
  await apply(orm, ...[a, b, a, a, b, b, a].map(organization => submissionOf('u', organization)));

  const pages = await listAll(app, limit);

  expect(pages.flatMap(page => page.issues.map(issue => issue.number))).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(pages).toHaveLength(Math.ceil(7 / limit));
});

test('an issue that is raised while pages are turned moves none to another page', async () => {
  const { app, orm } = await openAppWithDatabase();
  const organization = await addOrganization(orm);
  await apply(orm, ...[1, 2, 3].map(() => submissionOf('u', organization)));
  const { nextCursor } = (await list(app, { limit: '2' })).body;

  await apply(orm, submissionOf('u', organization));

  const { body } = await list(app, { limit: '2', cursor: nextCursor });
  expect(body.issues.map((issue: Page['issues'][number]) => issue.number)).toEqual([1]);
});

test('without a limit a page has 20 issues', async () => {
  const { app, orm } = await openAppWithDatabase();
  const organization = await addOrganization(orm);
  await apply(orm, ...Array.from({ length: 21 }, () => submissionOf('u', organization)));

  expect((await list(app)).body.issues).toHaveLength(20);
});

test.each([{ limit: '0' }, { limit: '101' }, { limit: '1.5' }, { limit: 'all' }, { limit: '' }])(
  'the limit %o is refused',
  async query => {
    const { app } = await openApp();

    expect(await list(app, query)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ pointer: '/limit' }] },
    });
  },
);

const encode = (text: string) => Buffer.from(text).toString('base64url');

test.each([
  '',
  'x',
  '!!!',
  encode('7'),
  encode('"-1"'),
  encode('"1e5"'),
  encode('"1; drop table issues"'),
  encode('"99999999999999999999"'),
  encode('["a"]'),
  encode('null'),
])('the cursor %j is refused', async cursor => {
  const { app } = await openApp();

  expect(await list(app, { cursor })).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', errors: [{ pointer: '/cursor' }] },
  });
});

test('an unknown parameter is refused', async () => {
  const { app } = await openApp();

  expect((await list(app, { offset: '7' })).body.errors).toEqual([
    { pointer: '/offset', detail: 'is not a known field' },
  ]);
});

test('while the database is away the answer is 503', async () => {
  const { app } = await openApp();

  expect(await list(app)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
});

test('a database that was never migrated is no fault of the client', async () => {
  const { app, orm } = await openAppWithDatabase();
  await execute(orm, 'drop table issues cascade');

  expect(await list(app)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
});

test('a page walks the index and stops, also for the one user whose issues are many', async () => {
  const { orm } = await openAppWithDatabase();
  for (const sql of [
    "insert into organizations (name) select 'o' || g from generate_series(1, 10) g",
    "insert into users (id) select 'u' || g from generate_series(0, 200) g",
    `insert into user_profiles (user_id, profile_type, organization_id)
       select u.id, 'customer', (select min(id::text)::uuid from organizations) from users u`,
    `insert into customers (user_id, organization_id, user_profile_id)
       select p.user_id, o.id, p.id from user_profiles p cross join organizations o`,
    `insert into issues (id, customer_id, organization_id, title)
       select gen_random_uuid(), c.id, c.organization_id, 't'
         from customers c cross join lateral generate_series(1, case c.user_id when 'u0' then 1000 else 10 end)`,
    'analyze',
  ]) {
    await execute(orm, sql);
  }

  const plan = await execute(orm, `explain (analyze, format json) ${NEWEST_ISSUES}`, [
    '9999999',
    21,
    'u0',
    21,
  ]);

  const text = JSON.stringify(plan);
  expect(text).toContain('"Scan Direction":"Backward","Index Name":"issues_customer_id_number_idx"');
});
