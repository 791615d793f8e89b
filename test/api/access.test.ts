import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { openApp } from './support/open-app.ts';
import { bearer, inSeconds } from './support/tokens.ts';

/** What anybody may ask for. A route that is not here needs a token or the password. */
const OPEN = /^\/($|web\/|client\/|docs|openapi\.json$|healthz$|readyz$|dev\/sign-in$)/;

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** Every route that the application registers, as it registers it. */
async function openAppWithRoutes() {
  const routes: { method: Method; url: string }[] = [];
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) {
        routes.push({ method: each as Method, url: url.replace(/:\w+/g, 'x').replace('*', 'x') });
      }
    });
  };
  channel('fastify.initialization').subscribe(watch);
  const { app } = await openApp({
    admin: { user: 'admin', password: 'password', lanes: () => [], showContent: false, allowActions: true },
  });
  channel('fastify.initialization').unsubscribe(watch);
  return { app, routes };
}

test('whatever route there is, without a token or the password it is closed, but for those that are open to all', async () => {
  const { app, routes } = await openAppWithRoutes();
  const closed = routes.filter(({ url }) => !OPEN.test(url));

  expect(closed.length).toBeGreaterThan(40);
  for (const { method, url } of closed) {
    const { statusCode } = await app.inject({ method, url });
    expect([method, url, statusCode]).toEqual([method, url, 401]);
  }
});

test('a user’s token opens nothing of the administrator’s, and the administrator’s password no user’s data', async () => {
  const { app, routes } = await openAppWithRoutes();
  const basic = { authorization: `Basic ${Buffer.from('admin:password').toString('base64')}` };
  const token = await bearer('u');

  for (const { method, url } of routes.filter(each => !OPEN.test(each.url))) {
    const headers = url.startsWith('/admin') ? token : basic;
    const { statusCode } = await app.inject({ method, url, headers });
    expect([method, url, statusCode]).toEqual([method, url, 401]);
  }
});

test('where a token says that its key is to be found, nobody looks', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'theirs', alg: 'RS256' };
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url !== '/jwks') asked++;
    response.end(JSON.stringify({ keys: request.url === '/jwks' ? [] : [jwk] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { app } = await openApp({ tokens: { key: { jwksUrl: `${base}/jwks` } } });
  const token = await new SignJWT({ sub: 'root', exp: inSeconds(60) })
    .setProtectedHeader({ alg: 'RS256', kid: 'theirs', jku: `${base}/theirs`, x5u: `${base}/x5u`, jwk })
    .sign(privateKey);

  const answer = await app.inject({
    url: '/api/client/issues',
    headers: { authorization: `Bearer ${token}` },
  });

  expect(answer.json()).toMatchObject({ status: 401, code: 'token_unknown_key' });
  expect(asked).toBe(0);
});
