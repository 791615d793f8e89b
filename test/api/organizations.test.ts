import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { addOrganization } from './support/domain.ts';
import { openApp, openAppWithDatabase } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

async function list(app: FastifyInstance, query: Record<string, string> = {}) {
  const response = await app.inject({ url: '/api/client/organizations', query, headers: await bearer('u') });
  return { status: response.statusCode, body: response.json() };
}

test('active organizations come by name, the others not at all', async () => {
  const { app, orm } = await openAppWithDatabase();
  const b = await addOrganization(orm, 'B');
  const a = await addOrganization(orm, 'A');
  await addOrganization(orm, 'asleep', false);

  expect(await list(app)).toEqual({
    status: 200,
    body: {
      organizations: [
        { id: a, name: 'A' },
        { id: b, name: 'B' },
      ],
    },
  });
});

test('pages show each organization once, also those of one name', async () => {
  const { app, orm } = await openAppWithDatabase();
  const ids = await Promise.all(['Ä', 'same', 'same', 'same', 'z'].map(name => addOrganization(orm, name)));

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await list(app, { limit: '2', ...(cursor && { cursor }) });
    seen.push(...body.organizations.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  } while (cursor !== undefined);

  expect(seen.toSorted()).toEqual(ids.toSorted());
});

test.each(['x', '', Buffer.from('["a","b"]').toString('base64url')])(
  'the cursor %j is refused',
  async cursor => {
    const { app } = await openApp();

    expect(await list(app, { cursor })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/cursor' }] },
    });
  },
);

test('while the database is away the answer is 503', async () => {
  const { app } = await openApp();

  expect(await list(app)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
});
