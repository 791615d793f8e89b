import { channel } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { SECURITY_HEADERS } from '../../src/api/security-headers.ts';
import { buildWaitingApp } from '../../src/api/waiting-app.ts';
import { openDatabase } from '../../src/database.ts';
import { openApp } from './support/open-app.ts';
import { bearer, SECRET } from './support/tokens.ts';

const ADMIN = { user: 'admin', password: 'password' };
const BASIC = `Basic ${Buffer.from('admin:password').toString('base64')}`;

const STRICT = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'";
/** Pages have policies of their own, which no page may be without. */
const PAGES = /^\/($|web\/|client\/|docs|admin($|\/))/;
const FORBIDDEN = /script-src[^;]*'unsafe|default-src[^;]*(\*|'unsafe)|script-src[^;]*\*/;

/** Every route that the application registers, as it registers it. */
async function openAppWithRoutes() {
  const routes: { method: string; url: string }[] = [];
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push({ method: each, url });
    });
  };
  channel('fastify.initialization').subscribe(watch);
  const { app } = await openApp({
    admin: { ...ADMIN, lanes: () => [], showContent: false, allowActions: true },
    devSignIn: { secret: SECRET, users: ['ann'] },
    corsOrigins: ['https://crm.example'],
  });
  channel('fastify.initialization').unsubscribe(watch);
  return { app, routes };
}

/** The answer as it goes over the wire: an object could not show a header that comes twice. */
async function exchange(address: string, request: string): Promise<string[]> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.includes('\r\n\r\n')) break;
  }
  socket.destroy();
  return answer.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
}

function headersOf([, ...lines]: string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [name = '', value = ''] = line.split(/: ?(.*)/);
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  return headers;
}

/** Each of them once, and a policy that is strict, or at least runs no script but of the page's files. */
function expectSecure(what: string, headers: Map<string, string[]>, isPage: boolean): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    const values = headers.get(name) ?? [];
    expect([what, name, values.length]).toEqual([what, name, 1]);
    if (name !== 'content-security-policy') expect([what, name, values[0]]).toEqual([what, name, value]);
  }
  const [policy = ''] = headers.get('content-security-policy') ?? [];
  if (!isPage) expect([what, policy]).toEqual([what, STRICT]);
  expect([what, policy]).toEqual([what, expect.stringContaining("frame-ancestors 'none'")]);
  expect([what, policy]).not.toEqual([what, expect.stringMatching(FORBIDDEN)]);
}

test('there are eight of them', () => {
  expect(Object.keys(SECURITY_HEADERS).toSorted()).toEqual([
    'content-security-policy',
    'cross-origin-opener-policy',
    'cross-origin-resource-policy',
    'origin-agent-cluster',
    'referrer-policy',
    'strict-transport-security',
    'x-content-type-options',
    'x-frame-options',
  ]);
});

test('every route answers with each security header once, signed in or not', async () => {
  const { app, routes } = await openAppWithRoutes();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const { authorization } = await bearer('u');

  expect(routes.length).toBeGreaterThan(60);
  for (const { method, url } of routes) {
    const path = url.replace(/:\w+/g, 'x').replace('*', 'x');
    for (const credentials of [undefined, path.startsWith('/admin') ? BASIC : authorization]) {
      const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
      if (credentials !== undefined) lines.push(`Authorization: ${credentials}`);
      const answer = await exchange(address, `${lines.join('\r\n')}\r\n\r\n`);
      expectSecure(`${method} ${path} ${answer[0]}`, headersOf(answer), PAGES.test(path));
    }
  }
});

test.each([
  ['an address that is not there', 'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n', 404],
  ['a method that is not taken', 'DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['a malformed address', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n', 417],
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['headers without end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
])('%s is answered with them, too', async (what, request, status) => {
  const { app } = await openApp();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });

  const answer = await exchange(address, request);

  expect(answer[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expectSecure(what, headersOf(answer), false);
});

test('so does what listens while the queue store is waited for', async () => {
  const orm = openDatabase('postgres://127.0.0.1:1/nowhere');
  const app = await buildWaitingApp({ orm, log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await app.close();
    await orm.close();
  });

  const { statusCode, headers } = await app.inject('/api/client/issues');

  expect(statusCode).toBe(503);
  expect(headers).toMatchObject(SECURITY_HEADERS);
});

test('the policies of the pages are their own', async () => {
  const { app } = await openAppWithRoutes();
  const policyOf = async (url: string) =>
    String((await app.inject({ url, headers: { authorization: BASIC } })).headers['content-security-policy']);

  expect(await policyOf('/')).toContain("script-src 'self'; style-src 'self'");
  expect(await policyOf('/docs/static/index.html')).toContain("style-src 'self' 'unsafe-inline'");
  expect(await policyOf('/admin/queues')).toContain("default-src 'self'");
});
