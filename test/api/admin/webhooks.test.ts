import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { ADMIN } from '../../support/system.ts';
import { openApp, openAppWithDatabase } from '../support/open-app.ts';

const URL_OK = 'https://crm.example/hooks';
const PATH = '/admin/webhooks/endpoints';
const LOGIN = `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64')}`;

interface Sent {
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

type Ask = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, sent?: Sent) => Promise<Answer>;

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: as JSON comes
  readonly body: any;
}

const admin = { ...ADMIN, lanes: () => [], showContent: false, allowActions: true };

/** Asks as the administrator does. */
function askerOf(app: FastifyInstance): Ask {
  return async (method, path, { body, headers = {} } = {}) => {
    const response = await app.inject({
      method,
      url: `${PATH}${path}`,
      headers: { authorization: LOGIN, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: response.statusCode, body: response.body === '' ? undefined : response.json() };
  };
}

async function open(options: Partial<typeof admin> & { allowPrivateWebhooks?: boolean } = {}) {
  const { app, orm } = await openAppWithDatabase({ admin: { ...admin, ...options } });
  return { ask: askerOf(app), orm, organizationId: await addOrganization(orm) };
}

async function addOrganization(orm: MikroORM): Promise<string> {
  const id = randomUUID();
  await orm.em.execute('insert into organizations (id, name, active) values (?, ?, true)', [id, `of ${id}`]);
  return id;
}

interface Delivery {
  readonly endpointId: string;
  readonly position: number;
  readonly failure?: string;
  /** Milliseconds from now. */
  readonly dueIn?: number;
  readonly isGivenUp?: boolean;
}

async function addDelivery(orm: MikroORM, delivery: Delivery): Promise<void> {
  const { endpointId, position, failure = null, dueIn = 0, isGivenUp = false } = delivery;
  await orm.em.execute(
    `insert into webhook_deliveries (endpoint_id, position, entry, place, submission_id, status, user_id, decided_at,
       tries, failure, due_at, failed_at)
     values (?, ?, 1, 0, ?, 'applied', 'ann', now(), ?, ?, now() + ? * interval '1 ms', ?::timestamptz)`,
    [
      endpointId,
      position,
      randomUUID(),
      failure === null ? 0 : 3,
      failure,
      dueIn,
      isGivenUp ? new Date().toISOString() : null,
    ],
  );
}

function rowsOf(orm: MikroORM): Promise<Record<string, unknown>[]> {
  return orm.em.execute('select * from webhook_endpoints order by id');
}

test('an endpoint is made with a secret, which is told once and never again', async () => {
  const { ask, orm, organizationId } = await open();

  const made = await ask('POST', '', { body: { organizationId, url: URL_OK } });
  const list = await ask('GET', '');

  const { secret, ...shown } = made.body;
  expect(made.status).toBe(201);
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  expect(shown).toEqual({
    id: expect.any(String),
    organizationId,
    url: URL_OK,
    ordered: false,
    active: true,
    createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    undelivered: 0,
    givenUp: 0,
  });
  expect(list).toEqual({ status: 200, body: { endpoints: [shown] } });
  expect(await rowsOf(orm)).toMatchObject([{ id: shown.id, secret }]);
});

test('endpoints are listed by organization or all, page by page, with how they fare', async () => {
  const { ask, orm, organizationId } = await open();
  const other = await addOrganization(orm);
  const ids: string[] = [];
  for (const of of [organizationId, other, organizationId]) {
    ids.push((await ask('POST', '', { body: { organizationId: of, url: URL_OK, ordered: true } })).body.id);
  }
  const [endpointId = '', , idle = ''] = ids;
  await addDelivery(orm, { endpointId, position: 1, failure: 'answered 400', isGivenUp: true });
  await addDelivery(orm, { endpointId, position: 2 });
  await addDelivery(orm, { endpointId, position: 3, failure: 'answered 500', dueIn: 60_000 });
  await addDelivery(orm, { endpointId, position: 4, failure: 'answered 404', dueIn: 1_000 });
  await addDelivery(orm, { endpointId: idle, position: 1, failure: 'answered 403', isGivenUp: true });

  const ofOne = await ask('GET', `?organizationId=${organizationId}`);
  const first = await ask('GET', '?limit=2');
  const second = await ask('GET', `?limit=2&cursor=${first.body.nextCursor}`);

  expect(ofOne.body.endpoints).toMatchObject([
    { id: endpointId, ordered: true, undelivered: 3, givenUp: 1, lastFailure: 'answered 500' },
    { id: idle, undelivered: 0, givenUp: 1, lastFailure: 'answered 403' },
  ]);
  const pages = [...first.body.endpoints, ...second.body.endpoints];
  expect(first.body.endpoints).toHaveLength(2);
  expect(pages.map(({ id }) => id)).toEqual(ids);
  expect(second.body).not.toHaveProperty('nextCursor');
});

test.each([
  ['http://crm.example/', 'must be a URL like https://crm.example/hooks'],
  ['crm.example', 'must be a URL like https://crm.example/hooks'],
  ['https://ann:secret@crm.example/', 'must not hold a user or a password'],
  ['https://127.0.0.1/', 'must not be of a private network'],
  ['https://0xa9fea9fe/', 'must not be of a private network'],
  ['https://[::ffff:10.0.0.1]/', 'must not be of a private network'],
])('%s is no URL for an endpoint, new or changed', async (url, detail) => {
  const { ask, orm, organizationId } = await open();
  const { id } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;

  const made = await ask('POST', '', { body: { organizationId, url } });
  const changed = await ask('PATCH', `/${id}`, { body: { url } });

  for (const { status, body } of [made, changed]) {
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/url', detail }] });
  }
  expect(await rowsOf(orm)).toMatchObject([{ url: URL_OK }]);
});

test('where private networks are allowed, they are, and http', async () => {
  const { ask, organizationId } = await open({ allowPrivateWebhooks: true });

  for (const url of ['http://127.0.0.1:4000/hooks', 'https://10.0.0.1/']) {
    expect(await ask('POST', '', { body: { organizationId, url } })).toMatchObject({ status: 201 });
  }
});

test('an organization that is not there has no endpoint', async () => {
  const { ask, orm } = await open();

  const answer = await ask('POST', '', { body: { organizationId: randomUUID(), url: URL_OK } });

  expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/organizationId' }] } });
  expect(await rowsOf(orm)).toEqual([]);
});

test('what is named changes, and the rest stays', async () => {
  const { ask, orm, organizationId } = await open();
  const { id, secret } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;
  const url = 'https://other.example/';

  const changes = [{ ordered: true }, { active: false }, { url }, {}, { active: true, ordered: false }];
  const seen = [];
  for (const body of changes) seen.push((await ask('PATCH', `/${id}`, { body })).body);

  expect(seen).toMatchObject([
    { url: URL_OK, ordered: true, active: true },
    { url: URL_OK, ordered: true, active: false },
    { url, ordered: true, active: false },
    { url, ordered: true, active: false },
    { url, ordered: false, active: true },
  ]);
  expect(JSON.stringify(seen)).not.toContain('whsec');
  expect(await rowsOf(orm)).toMatchObject([{ id, secret }]);
});

test('a rotated secret is told once, and the one before is kept for a day', async () => {
  const { ask, orm, organizationId } = await open();
  const { id, secret } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;

  const rotated = await ask('POST', `/${id}/rotate-secret`, { body: {} });
  const [row] = await rowsOf(orm);
  await orm.em.execute(
    `update webhook_endpoints set previous_secret_until = previous_secret_until - interval '1 minute'`,
  );
  const again = await ask('POST', `/${id}/rotate-secret`, { body: {} });

  expect(rotated.body).toEqual({
    id,
    secret: expect.stringMatching(/^whsec_/),
    previousSecretUntil: expect.any(String),
  });
  const untilMs = Date.parse(rotated.body.previousSecretUntil) - Date.now();
  expect(Math.abs(untilMs - 24 * 60 * 60_000)).toBeLessThan(60_000);
  expect(row).toMatchObject({ secret: rotated.body.secret, previous_secret: secret });
  expect(await rowsOf(orm)).toMatchObject([
    { secret: again.body.secret, previous_secret: rotated.body.secret },
  ]);
  const [shown] = (await ask('GET', '')).body.endpoints;
  expect(shown).toMatchObject({ previousSecretUntil: again.body.previousSecretUntil });
  expect(JSON.stringify(shown)).not.toContain('whsec');
});

test('a secret rotated again at once, as when the answer was lost, leaves the receiver its own', async () => {
  const { ask, orm, organizationId } = await open();
  const { id, secret } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;

  await ask('POST', `/${id}/rotate-secret`, { body: {} });
  const again = await ask('POST', `/${id}/rotate-secret`, { body: {} });

  expect(await rowsOf(orm)).toMatchObject([{ secret: again.body.secret, previous_secret: secret }]);
});

test('a secret that signs no more is not spoken of', async () => {
  const { ask, orm, organizationId } = await open();
  const { id } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;
  await ask('POST', `/${id}/rotate-secret`, { body: {} });
  await orm.em.execute(`update webhook_endpoints set previous_secret_until = now() - interval '1 s'`);

  expect((await ask('GET', '')).body.endpoints[0]).not.toHaveProperty('previousSecretUntil');
});

test('a deleted endpoint is gone, with what it was still to be told', async () => {
  const { ask, orm, organizationId } = await open();
  const ids: string[] = [];
  for (const position of [1, 2]) {
    const { id } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;
    await addDelivery(orm, { endpointId: id, position });
    ids.push(id);
  }

  const deleted = await ask('DELETE', `/${ids[0]}`);

  expect(deleted).toEqual({ status: 204, body: undefined });
  expect(await rowsOf(orm)).toMatchObject([{ id: ids[1] }]);
  expect(await orm.em.execute('select endpoint_id from webhook_deliveries')).toEqual([
    { endpoint_id: ids[1] },
  ]);
});

test('what was given up is listed in its order, page by page, and tried again', async () => {
  const { ask, orm, organizationId } = await open();
  const { id } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;
  const other = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body.id;
  for (const position of [11, 2, 3]) {
    await addDelivery(orm, { endpointId: id, position, failure: 'answered 500', isGivenUp: true });
  }
  await addDelivery(orm, { endpointId: id, position: 4, failure: 'answered 503', dueIn: 60_000 });
  await addDelivery(orm, { endpointId: other, position: 1, failure: 'answered 500', isGivenUp: true });

  const first = await ask('GET', `/${id}/given-up?limit=2`);
  const second = await ask('GET', `/${id}/given-up?limit=2&cursor=${first.body.nextCursor}`);
  const again = await ask('POST', `/${id}/try-again`, { body: {} });
  const twice = await ask('POST', `/${id}/try-again`, { body: {} });

  const shown = [...first.body.deliveries, ...second.body.deliveries];
  const rows: Record<string, unknown>[] = await orm.em.execute(
    'select *, due_at <= now() as is_due from webhook_deliveries where endpoint_id = ? order by position',
    [id],
  );
  expect(first.body.deliveries).toHaveLength(2);
  expect(shown.map(each => each.id)).toEqual([rows[0], rows[1], rows[3]].map(row => row?.id));
  expect(shown[0]).toEqual({
    id: rows[0]?.id,
    submissionId: rows[0]?.submission_id,
    userId: 'ann',
    status: 'applied',
    decidedAt: expect.any(String),
    tries: 3,
    failure: 'answered 500',
    givenUpAt: expect.any(String),
  });
  expect([again.body, twice.body]).toEqual([
    { id, deliveries: 3 },
    { id, deliveries: 0 },
  ]);
  const due = { failed_at: null, tries: 0, is_due: true };
  expect(rows).toMatchObject([due, due, { tries: 3, is_due: false }, due]);
  expect((await ask('GET', `/${id}/given-up`)).body).toEqual({ deliveries: [] });
  expect((await ask('GET', `/${other}/given-up`)).body.deliveries).toHaveLength(1);
});

test.each<[Parameters<Ask>[0], string]>([
  ['PATCH', ''],
  ['DELETE', ''],
  ['POST', '/rotate-secret'],
  ['GET', '/given-up'],
  ['POST', '/try-again'],
])('%s of an endpoint that is not there: %s', async (method, below) => {
  const { ask } = await open();
  const body = method === 'POST' || method === 'PATCH' ? { body: {} } : {};

  expect(await ask(method, `/${randomUUID()}${below}`, body)).toMatchObject({
    status: 404,
    body: { code: 'webhook_endpoint_not_found' },
  });
  expect(await ask(method, `/1${below}`, body)).toMatchObject({ status: 400 });
});

test('where actions are not allowed nothing is changed, and it says which setting allows them', async () => {
  const { app, orm } = await openAppWithDatabase({ admin: { ...admin, allowActions: false } });
  const ask = askerOf(app);
  const organizationId = await addOrganization(orm);
  const id = randomUUID();

  const answers = [
    await ask('POST', '', { body: { organizationId, url: URL_OK } }),
    await ask('PATCH', `/${id}`, { body: {} }),
    await ask('DELETE', `/${id}`),
    await ask('POST', `/${id}/rotate-secret`, { body: {} }),
    await ask('POST', `/${id}/try-again`, { body: {} }),
  ];

  for (const { status, body } of answers) {
    expect([status, body.code]).toEqual([403, 'admin_actions_off']);
    expect(body.detail).toContain('ADMIN_ACTIONS=1');
  }
  expect(await rowsOf(orm)).toEqual([]);
  expect(await ask('GET', '')).toEqual({ status: 200, body: { endpoints: [] } });
});

test.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another origin', { origin: 'https://elsewhere.example' }],
])('nothing is changed by a request from %s', async (_from, headers) => {
  const { ask, orm, organizationId } = await open();
  const { id } = (await ask('POST', '', { body: { organizationId, url: URL_OK } })).body;

  const answers = [
    await ask('POST', '', { body: { organizationId, url: URL_OK }, headers }),
    await ask('PATCH', `/${id}`, { body: { active: false }, headers }),
    await ask('DELETE', `/${id}`, { headers }),
    await ask('POST', `/${id}/rotate-secret`, { body: {}, headers }),
    await ask('POST', `/${id}/try-again`, { body: {}, headers }),
  ];

  expect(answers.map(({ body }) => body.code)).toEqual(Array(5).fill('foreign_site'));
  expect(await rowsOf(orm)).toMatchObject([{ id, active: true, previous_secret: null }]);
});

test('while the database is away it says so', async () => {
  const { app } = await openApp({ admin });
  const ask = askerOf(app);
  const id = randomUUID();

  const answers = [
    await ask('GET', ''),
    await ask('POST', '', { body: { organizationId: id, url: URL_OK } }),
    await ask('POST', `/${id}/try-again`, { body: {} }),
  ];

  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
  }
});

test('a wrong field is named', async () => {
  const { ask, organizationId } = await open();

  const answer = await ask('POST', '', { body: { organizationId, url: '', ordered: 'yes', secret: 'mine' } });

  expect(answer.status).toBe(400);
  expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
    '/ordered',
    '/secret',
    '/url',
  ]);
});
