import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openApp } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

const CRM = 'https://crm.example';
const RAISE = '/api/client/issues/raise';

const preflight = (origin: string, url = RAISE) => ({
  method: 'OPTIONS' as const,
  url,
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,idempotency-key',
  },
});

async function raiseFrom(origin: string, corsOrigins: string[]) {
  const { app } = await openApp({ corsOrigins });
  const payload = { organizationId: randomUUID(), title: 't' };
  return app.inject({ method: 'POST', url: RAISE, headers: { ...(await bearer('u')), origin }, payload });
}

test('a page of a listed origin may raise, with the headers that raising takes, without a cookie', async () => {
  const { app } = await openApp({ corsOrigins: [CRM, 'http://localhost:5173'] });

  const { statusCode, headers } = await app.inject(preflight(CRM));

  expect(statusCode).toBe(204);
  expect(headers['access-control-allow-origin']).toBe(CRM);
  expect(headers['access-control-allow-methods']).toContain('POST');
  expect(headers['access-control-allow-headers']).toBe(
    'Authorization, Content-Type, Idempotency-Key, Prefer, Last-Event-ID',
  );
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
  expect(headers.vary).toContain('Origin');
});

test('such a page may read what an answer says in its headers', async () => {
  const { statusCode, headers } = await raiseFrom(CRM, [CRM]);

  expect(statusCode).toBe(202);
  expect(headers['access-control-allow-origin']).toBe(CRM);
  const exposed = String(headers['access-control-expose-headers']).split(', ');
  expect(exposed).toEqual(
    expect.arrayContaining([
      'Location',
      'Retry-After',
      'Idempotency-Replayed',
      'RateLimit',
      'RateLimit-Policy',
    ]),
  );
});

test('refusals can be read by such a page, too', async () => {
  const { app } = await openApp({ corsOrigins: [CRM] });

  const { statusCode, headers } = await app.inject({ url: RAISE, method: 'POST', headers: { origin: CRM } });

  expect(statusCode).toBe(401);
  expect(headers['access-control-allow-origin']).toBe(CRM);
});

test.each([`${CRM}.evil.example`, 'http://crm.example', 'null', 'https://evil.example'])(
  '%s is another origin, and is told nothing',
  async origin => {
    const { headers } = await raiseFrom(origin, [CRM]);

    expect(headers).not.toHaveProperty('access-control-allow-origin');
  },
);

test('without a list no other origin is allowed, and nothing is said of it', async () => {
  const { app } = await openApp();

  expect((await app.inject(preflight(CRM))).statusCode).toBe(405);
  expect((await raiseFrom(CRM, [])).headers).not.toHaveProperty('access-control-allow-origin');
});

test('the dashboard, the description and the page are for their own origin alone', async () => {
  const { app } = await openApp({
    corsOrigins: [CRM],
    admin: { user: 'a', password: 'b', lanes: () => [], showContent: false, allowActions: true },
  });

  for (const url of ['/', '/openapi.json', '/admin/queues', '/readyz']) {
    const { headers } = await app.inject({ url, headers: { origin: CRM } });
    expect([url, headers['access-control-allow-origin']]).toEqual([url, undefined]);
  }
});
