import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FRESH_MS, KEEP_MS, PAUSE_MS } from '../../src/api/issuer-keys.ts';
import { timed } from '../support/lateness.ts';
import { openApp } from './support/open-app.ts';

/** Of verified-tokens.ts: for so long a token is not looked at again. */
const REMEMBERED_MS = 60_000;
const WHERE = '/api/client/issues/submissions/none';

async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
}
type Key = Awaited<ReturnType<typeof makeKey>>;

/** An issuer that lists keys over HTTP, and counts how often it is asked. */
async function startIssuer(...keys: Key[]) {
  const issuer = {
    keys,
    asked: 0,
    answer(response: ServerResponse) {
      response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    },
  };
  const server = createServer((_request, response) => {
    issuer.asked++;
    issuer.answer(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  return Object.assign(issuer, { jwksUrl: `http://127.0.0.1:${port}/jwks`, stop });
}

/** Tokens and keys go by the clock of `Date`; the network does not. */
function useClock() {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  return (ms: number) => vi.setSystemTime(Date.now() + ms);
}

let subjects = 0;

/** A token of a user of its own, so that none was seen before. */
async function tokenOf({ kid, privateKey }: Key, lifetimeMs = 2 * KEEP_MS): Promise<string> {
  return new SignJWT({ sub: `user-${subjects++}`, exp: Math.floor((Date.now() + lifetimeMs) / 1000) })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(privateKey);
}

async function setup(...keys: Key[]) {
  const pass = useClock();
  const issuer = await startIssuer(...keys);
  const { app } = await openApp({ tokens: { key: { jwksUrl: issuer.jwksUrl } } });
  /** 404 for a token that is let in. */
  const ask = async (token: string) => {
    const answer = await app.inject({ url: WHERE, headers: { authorization: `Bearer ${token}` } });
    return answer.statusCode === 404 ? 'let in' : answer.json().code;
  };
  return { pass, issuer, ask };
}

test('keys are fetched once, however many tokens come', async () => {
  const key = await makeKey('a');
  const { issuer, ask } = await setup(key);

  const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(key)));

  expect(await Promise.all(tokens.map(ask))).toEqual(tokens.map(() => 'let in'));
  expect(issuer.asked).toBe(1);
});

test('a key that the issuer adds while we run is known at once', async () => {
  const [old, added] = [await makeKey('old'), await makeKey('added')];
  const { pass, issuer, ask } = await setup(old);
  await ask(await tokenOf(old));
  pass(PAUSE_MS);

  issuer.keys = [old, added];

  expect(await Promise.all([1, 2, 3].map(async () => ask(await tokenOf(added))))).toEqual(
    Array(3).fill('let in'),
  );
  expect(await ask(await tokenOf(old))).toBe('let in');
  expect(issuer.asked).toBe(2);
});

test('tokens with made-up keys do not make us ask more often than every ten seconds', async () => {
  const [key, madeUp] = [await makeKey('a'), await makeKey('made-up')];
  const { pass, issuer, ask } = await setup(key);
  await ask(await tokenOf(key));

  for (let i = 0; i < 50; i++) expect(await ask(await tokenOf(madeUp))).toBe('token_unknown_key');
  expect(issuer.asked).toBe(1);

  pass(PAUSE_MS);
  for (let i = 0; i < 50; i++) await ask(await tokenOf(madeUp));
  expect(issuer.asked).toBe(2);
});

test('a key that the issuer withdraws stops tokens within six minutes', async () => {
  const [withdrawn, other] = [await makeKey('withdrawn'), await makeKey('other')];
  const { pass, issuer, ask } = await setup(withdrawn, other);
  await ask(await tokenOf(other));
  issuer.keys = [other];
  pass(FRESH_MS - 1000);
  const seenJustBefore = await tokenOf(withdrawn);
  expect(await ask(seenJustBefore)).toBe('let in');

  pass(1000);
  expect(await ask(await tokenOf(withdrawn))).toBe('token_unknown_key');

  pass(REMEMBERED_MS);
  expect(await ask(seenJustBefore)).toBe('token_unknown_key');
  expect(FRESH_MS + REMEMBERED_MS).toBe(6 * 60_000);
});

test('an issuer that is away does no harm for a day, and is known again when it is back', async () => {
  const key = await makeKey('a');
  const { pass, issuer, ask } = await setup(key);
  await ask(await tokenOf(key));
  const answer = issuer.answer;
  issuer.answer = response => void response.writeHead(500).end();

  for (let hour = 0; hour < 23; hour++) {
    pass(60 * 60_000);
    expect(await ask(await tokenOf(key))).toBe('let in');
  }
  pass(60 * 60_000);
  expect(await ask(await tokenOf(key))).toBe('token_keys_unavailable');

  issuer.answer = answer;
  expect(await ask(await tokenOf(key))).toBe('let in');
});

test('while it is away an expired token is refused all the same, also one that was let in before', async () => {
  const key = await makeKey('a');
  const { pass, issuer, ask } = await setup(key);
  const token = await tokenOf(key, 60_000);
  expect(await ask(token)).toBe('let in');
  issuer.stop();

  pass(60_000);

  expect(await ask(token)).toBe('token_expired');
});

test('an issuer that does not answer holds a request up for a second, once', async () => {
  const key = await makeKey('a');
  const { pass, issuer, ask } = await setup(key);
  await ask(await tokenOf(key));
  issuer.answer = () => {};
  pass(FRESH_MS);

  const askTimes = (times: number) =>
    timed(async () => {
      for (let i = 0; i < times; i++) expect(await ask(await tokenOf(key))).toBe('let in');
    });
  const began = performance.now();
  const first = await askTimes(1);
  const heldUpMs = performance.now() - began;
  const others = await askTimes(20);

  expect(heldUpMs).toBeGreaterThan(900);
  expect(first.ms).toBeLessThan(2_500);
  expect(others.ms).toBeLessThan(900);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['a list without end', response => void response.end(`{"keys":[${'{"kty":"x"},'.repeat(100_000)}{}]}`)],
  ['no list', response => void response.end('{"keys":7}')],
  ['no JSON', response => void response.end('<html>')],
  ['somewhere else', response => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
])('an issuer that sends %s is one that is away', async (_what, answer) => {
  const key = await makeKey('a');
  const { issuer, ask } = await setup(key);
  issuer.answer = answer;

  expect(await ask(await tokenOf(key))).toBe('token_keys_unavailable');
});
