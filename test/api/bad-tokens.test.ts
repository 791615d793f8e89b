import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { ATTEMPT_LIMITS } from '../../src/api/attempt-limit.ts';
import { openApp } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

const WHERE = '/api/client/issues/submissions/none';
/** So slow that a test sees nothing leak out. */
const ATTEMPTS = { ...ATTEMPT_LIMITS, badTokens: { perSecond: 0.01, burst: 5 } };

interface From {
  readonly remoteAddress?: string;
  readonly forwardedFor?: string;
  readonly authorization?: string;
}

async function ask(app: FastifyInstance, { remoteAddress = '192.0.2.1', forwardedFor, authorization }: From) {
  return app.inject({
    url: WHERE,
    remoteAddress,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    },
  });
}

/** The statuses of `count` requests with a bad token. */
async function guess(app: FastifyInstance, count: number, from: From = {}): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) {
    statuses.push((await ask(app, { authorization: `Bearer guess-${i}`, ...from })).statusCode);
  }
  return statuses;
}

test('an address that sends too many bad tokens has to wait', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS });

  expect(await guess(app, 7)).toEqual([401, 401, 401, 401, 401, 429, 429]);

  const refused = await ask(app, { authorization: 'Bearer x' });
  expect(refused.json()).toMatchObject({ status: 429, code: 'too_many_bad_tokens' });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(90);
});

test('requests without a token count, too, and a good token does not', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS });
  for (let i = 0; i < 20; i++) {
    expect((await ask(app, await bearer(`user ${i}`))).statusCode).toBe(404);
  }

  for (let i = 0; i < 5; i++) expect((await ask(app, {})).statusCode).toBe(401);
  expect((await ask(app, {})).statusCode).toBe(429);
});

test('while an address has to wait, a token that was found good before is let in, and a new one is not', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS });
  const known = await bearer('u');
  await ask(app, known);
  await guess(app, 10);

  expect((await ask(app, known)).statusCode).toBe(404);
  expect((await ask(app, await bearer('v'))).statusCode).toBe(429);
});

test('other addresses go on, and of IPv6 a network of 64 bits is one', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS });
  await guess(app, 10);

  expect(await guess(app, 1, { remoteAddress: '192.0.2.2' })).toEqual([401]);
  for (let host = 1; host <= 5; host++) await guess(app, 1, { remoteAddress: `2001:db8::${host}` });
  expect(await guess(app, 1, { remoteAddress: '2001:db8::ffff:1' })).toEqual([429]);
  expect(await guess(app, 1, { remoteAddress: '2001:db8:0:1::1' })).toEqual([401]);
});

test('what a client says of its own address is not believed', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS });

  for (let i = 0; i < 5; i++) await guess(app, 1, { forwardedFor: `198.51.100.${i}` });

  expect(await guess(app, 1, { forwardedFor: '198.51.100.9' })).toEqual([429]);
});

test('a trusted proxy is believed, and no more of the chain than is trusted', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS, trustProxy: 1 });
  // The proxy adds the last one; what is before that, the client has made up.
  for (let i = 0; i < 5; i++) await guess(app, 1, { forwardedFor: `203.0.113.${i}, 198.51.100.1` });

  expect(await guess(app, 1, { forwardedFor: '198.51.100.1' })).toEqual([429]);
  expect(await guess(app, 1, { forwardedFor: '198.51.100.2' })).toEqual([401]);
});

test('a proxy that is trusted by its network is believed, and another is not', async () => {
  const { app } = await openApp({ attempts: ATTEMPTS, trustProxy: ['10.0.0.0/8'] });
  const through = (remoteAddress: string, forwardedFor: string) =>
    guess(app, 1, { remoteAddress, forwardedFor });
  for (let i = 0; i < 5; i++) await through('10.1.1.1', '198.51.100.1');
  for (let i = 0; i < 5; i++) await through('192.0.2.9', `198.51.100.${100 + i}`);

  expect(await through('10.2.2.2', '198.51.100.1')).toEqual([429]);
  expect(await through('10.2.2.2', '198.51.100.2')).toEqual([401]);
  expect(await through('192.0.2.9', '198.51.100.200')).toEqual([429]);
});

test('keys that cannot be fetched are not held against an address', async () => {
  const { app } = await openApp({
    attempts: ATTEMPTS,
    tokens: { key: { jwksUrl: 'http://127.0.0.1:1/jwks' } },
  });
  const header = Buffer.from('{"alg":"RS256","kid":"k"}').toString('base64url');

  for (let i = 0; i < 10; i++) {
    const answer = await ask(app, { authorization: `Bearer ${header}.e30.c2ln` });
    expect(answer.statusCode).toBe(503);
  }
});
