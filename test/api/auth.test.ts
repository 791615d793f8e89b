import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, createServer } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openApp } from './support/open-app.ts';
import { type Claims, inSeconds, SECRET, tokenOf } from './support/tokens.ts';

const WHERE = '/api/client/issues/submissions/none';

/** The answer to a request with this token; 404 means that it was let in. */
async function ask(app: Awaited<ReturnType<typeof openApp>>['app'], authorization?: string) {
  const response = await app.inject({
    url: WHERE,
    headers: authorization === undefined ? {} : { authorization },
  });
  return {
    status: response.statusCode,
    code: response.json().code,
    challenge: response.headers['www-authenticate'],
  };
}

test('a good token is let in, and again', async () => {
  const { app } = await openApp();
  const token = await tokenOf('u');

  for (let i = 0; i < 3; i++) expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 404 });
});

test('the scheme is written in any case', async () => {
  const { app } = await openApp();

  expect(await ask(app, `bearer ${await tokenOf('u')}`)).toMatchObject({ status: 404 });
});

test.each([undefined, '', 'Bearer', 'Basic dTpw'])(
  'without a bearer token (%s) nobody is let in',
  async header => {
    const { app } = await openApp();

    expect(await ask(app, header)).toEqual({
      status: 401,
      code: 'token_missing',
      challenge: 'Bearer realm="issue-intake"',
    });
  },
);

test('a refusal says why, in the body and in the challenge', async () => {
  const { app } = await openApp();
  const token = await tokenOf('u', { exp: inSeconds(-60) });

  expect(await ask(app, `Bearer ${token}`)).toEqual({
    status: 401,
    code: 'token_expired',
    challenge:
      'Bearer realm="issue-intake", error="invalid_token", error_description="the token has expired; get a new one"',
  });
});

const SUBJECT_TOO_LONG = '😀'.repeat(129);

test.each<[string, Claims, string]>([
  ['that expired a second ago', { exp: inSeconds(-1) }, 'token_expired'],
  ['that never expires', { exp: undefined }, 'token_never_expires'],
  ['whose expiry is no number', { exp: 'never' }, 'token_never_expires'],
  ['that is valid in a minute', { nbf: inSeconds(60) }, 'token_not_yet_valid'],
  ['from another issuer', { iss: 'somebody' }, 'token_wrong_issuer'],
  ['from no issuer', { iss: undefined }, 'token_wrong_issuer'],
  ['for another audience', { aud: ['somebody'] }, 'token_wrong_audience'],
  ['for no audience', { aud: undefined }, 'token_wrong_audience'],
  ['without a subject', { sub: undefined }, 'token_subject_invalid'],
  ['whose subject is empty', { sub: '' }, 'token_subject_invalid'],
  ['whose subject is a number', { sub: 7 }, 'token_subject_invalid'],
  ['whose subject is too long', { sub: SUBJECT_TOO_LONG }, 'token_subject_invalid'],
  ['whose subject holds U+0000', { sub: 'a\0b' }, 'token_subject_invalid'],
  ['whose subject holds half a character', { sub: 'a\ud800' }, 'token_subject_invalid'],
])('a token %s is refused', async (_what, claims, code) => {
  const { app } = await openApp({ tokens: { key: { secret: SECRET }, issuer: 'me', audience: 'you' } });
  const token = await tokenOf('u', { iss: 'me', aud: 'you', ...claims });

  expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 401, code });
});

test('a subject of 128 characters is let in, however many bytes they have', async () => {
  const { app } = await openApp();

  expect(await ask(app, `Bearer ${await tokenOf('😀'.repeat(128))}`)).toMatchObject({ status: 404 });
});

test('a token is let in seconds before it becomes valid, because clocks differ', async () => {
  const { app } = await openApp();

  expect(await ask(app, `Bearer ${await tokenOf('u', { nbf: inSeconds(3) })}`)).toMatchObject({
    status: 404,
  });
});

test('a token that was let in is refused from the moment it expires', async () => {
  const { app } = await openApp();
  const token = await tokenOf('u', { exp: inSeconds(30) });
  expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 404 });

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });

  expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 401, code: 'token_expired' });
});

test('a token signed with another secret is refused, also after a good one of the same user', async () => {
  const { app } = await openApp();
  await ask(app, `Bearer ${await tokenOf('u')}`);

  const forged = await tokenOf('u', {}, 'another secret, of more than 32 bytes');

  expect(await ask(app, `Bearer ${forged}`)).toMatchObject({ status: 401, code: 'token_bad_signature' });
});

test('a token with changed claims is refused', async () => {
  const { app } = await openApp();
  const [header, , signature] = (await tokenOf('u')).split('.');
  const claims = Buffer.from(JSON.stringify({ sub: 'root', exp: inSeconds(60) })).toString('base64url');

  expect(await ask(app, `Bearer ${header}.${claims}.${signature}`)).toMatchObject({
    code: 'token_bad_signature',
  });
});

test.each(['x', 'a.b.c', 'a b', '..', 'e30.e30.e30', 'a.b.c.d.e'])('%s is no token', async token => {
  const { app } = await openApp();

  expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 401, code: 'token_malformed' });
});

test('an unsigned token is refused, and one signed with an algorithm that is not expected', async () => {
  const { app } = await openApp();
  const unsigned = new UnsecuredJWT({ sub: 'u', exp: inSeconds(60) }).encode();
  const hs512 = await new SignJWT({ sub: 'u', exp: inSeconds(60) })
    .setProtectedHeader({ alg: 'HS512' })
    .sign(new TextEncoder().encode(SECRET.repeat(2)));

  for (const token of [unsigned, hs512]) {
    expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 401, code: 'token_wrong_algorithm' });
  }
});

test('the email of a token goes along with the submission, if it can be stored', async () => {
  const { app, intake } = await openApp();
  const payload = { organizationId: crypto.randomUUID(), title: 'Hello' };
  for (const email of ['me@example.com', 'a\0b', 7]) {
    const headers = { authorization: `Bearer ${await tokenOf('u', { email })}` };
    await app.inject({ method: 'POST', url: '/api/client/issues/raise', headers, payload });
  }

  expect(intake.accepted.map(({ email }) => email)).toEqual(['me@example.com', undefined, undefined]);
});

/** An issuer that lists one key of each algorithm, and signs with them. */
async function openIssuer() {
  const rsa = await generateKeyPair('RS256');
  const ec = await generateKeyPair('ES256');
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256' },
  ];
  const server = createHttpServer((_request, response) => response.end(JSON.stringify({ keys })));
  const port = await listen(server);
  const sign = (alg: string, kid: string, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({ sub: 'u', exp: inSeconds(60) }).setProtectedHeader({ alg, kid }).sign(key);
  return { jwksUrl: `http://127.0.0.1:${port}/jwks`, rsa, ec, sign };
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('with a JWKS, RS256 and ES256 are let in, and nothing else', async () => {
  const { jwksUrl, rsa, ec, sign } = await openIssuer();
  const { app } = await openApp({ tokens: { key: { jwksUrl } } });
  const hs256 = await tokenOf('u');
  const ofUnknownKey = await sign('RS256', 'other', rsa.privateKey);
  const ofWrongKey = await sign('ES256', 'ec', (await generateKeyPair('ES256')).privateKey);

  expect(await ask(app, `Bearer ${await sign('RS256', 'rsa', rsa.privateKey)}`)).toMatchObject({
    status: 404,
  });
  expect(await ask(app, `Bearer ${await sign('ES256', 'ec', ec.privateKey)}`)).toMatchObject({ status: 404 });
  expect(await ask(app, `Bearer ${hs256}`)).toMatchObject({ status: 401, code: 'token_wrong_algorithm' });
  expect(await ask(app, `Bearer ${ofUnknownKey}`)).toMatchObject({ status: 401, code: 'token_unknown_key' });
  expect(await ask(app, `Bearer ${ofWrongKey}`)).toMatchObject({ status: 401, code: 'token_bad_signature' });
});

test('while the keys cannot be fetched, the answer is 503 and not 401', async () => {
  const { rsa, sign } = await openIssuer();
  const { app } = await openApp({ tokens: { key: { jwksUrl: 'http://127.0.0.1:1/jwks' } } });

  const token = await sign('RS256', 'rsa', rsa.privateKey);

  expect(await ask(app, `Bearer ${token}`)).toMatchObject({ status: 503, code: 'token_keys_unavailable' });
});
