import { createHmac } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import v8 from 'node:v8';
import vm from 'node:vm';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, type System, startSystem } from '../support/system.ts';
import { TOKEN_SECRET, tokenOf } from '../support/tokens.ts';
import { bytesOf, type HostileRequest, hostileRequest, type Route } from './support/hostile-request.ts';
import { exchange, parseAnswers, type RawAnswer } from './support/raw-http.ts';
import { inSeconds } from './support/tokens.ts';

/*
 * Thousands of hostile requests to every route that there is, the routes being
 * those that the listening application itself has registered.
 */

const SEED = 20261125;
const REQUESTS = 2000;
const AT_ONCE = 16;
/** What may stay in memory after so many requests: caches that have a bound of their own. */
const MOST_GROWTH_BYTES = 16 * 1024 * 1024;

/** Whoever announces more than it sends is waited for only so long. */
const TIMEOUTS = { headers: 1000, request: 1000, silence: 10_000, checkEvery: 200 };

/** No limit that would keep them out before they are looked at. */
const ANY = { perSecond: 1e6, burst: 1e6 };
const ATTEMPTS = { badTokens: ANY, wrongPasswords: ANY };

const routes: Route[] = [];
let system: System;

beforeAll(async () => {
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push({ method: each, url });
    });
  };
  channel('fastify.initialization').subscribe(watch);
  system = await startSystem('redis', { demoUsers: ['alice'], timeouts: TIMEOUTS, attempts: ATTEMPTS });
  channel('fastify.initialization').unsubscribe(watch);
});
afterAll(() => system.close());

test('hostile requests are answered 2xx, 4xx or 503, as problems, and leave nothing behind', async () => {
  expect(routes.map(({ url }) => url)).toEqual(
    expect.arrayContaining(['/', '/api/client/issues/raise', '/admin/queues/api/queues', '/dev/sign-in']),
  );
  const documented = await readDescription();
  const requests = fc.sample(hostileRequest(routes, await good()), { seed: SEED, numRuns: REQUESTS });

  const wrong: string[] = [];
  let before = 0;
  for (const pass of ['warm up', 'measured']) {
    if (pass === 'measured') before = heapUsed();
    await eachOf(requests, async request => {
      const bytes = bytesOf(request);
      const complaint = await complaintAbout(request, bytes, documented);
      if (complaint !== undefined && wrong.length < 20) wrong.push(complaint);
    });
  }

  expect(wrong).toEqual([]);
  expect(heapUsed() - before).toBeLessThan(MOST_GROWTH_BYTES);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect((await system.raise('u', await system.addOrganization())).status).toBe(201);
});

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const limit = pLimit(AT_ONCE);
  await Promise.all(all.map(one => limit(() => work(one))));
}

/** What is wrong with the answer; undefined when it is as it should be. */
async function complaintAbout(
  request: HostileRequest,
  bytes: Buffer,
  documented: Documented,
): Promise<string | undefined> {
  try {
    const [answer] = parseAnswers(await exchange(system.address, bytes), request.method === 'HEAD');
    if (answer === undefined) throw new Error('no answer');
    check(request, answer, documented);
    return undefined;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n${bytes.toString('latin1').slice(0, 600)}`;
  }
}

const Problem = Type.Object({
  type: Type.String({ pattern: '^urn:issue-intake:problem:' }),
  title: Type.String({ minLength: 1 }),
  status: Type.Integer(),
  detail: Type.String({ minLength: 1 }),
  code: Type.String({ pattern: '^[a-z_0-9]+$' }),
});

/** Refused before the route is chosen, or because its address is wrong; true of every address. */
const ANYWHERE = new Set([400, 404, 405, 408, 413, 414, 415, 417, 431]);

function check({ route, method }: HostileRequest, answer: RawAnswer, documented: Documented): void {
  const { status, headers, body } = answer;
  const isPage = !route.url.startsWith('/api') && !route.url.startsWith('/dev');
  const isGood = status < 300 || (isPage && status < 400);
  if (!isGood && !(status >= 400 && status < 500) && status !== 503)
    throw new Error(`status ${status}: ${body}`);
  if (status >= 400) {
    const type = headers['content-type'] ?? '';
    // The dashboard's page talks to its own routes in its own way.
    if (type.startsWith('application/json') && route.url.startsWith('/admin/queues/api/')) return;
    if (!/^application\/problem\+json(?:; charset=utf-8)?$/.test(type))
      throw new Error(`${status} of type ${type}: ${body}`);
    if (method !== 'HEAD' && Value.Parse(Problem, JSON.parse(body)).status !== status) throw new Error(body);
  }
  const told = documented.get(`${route.method} ${route.url}`);
  if (told !== undefined && method === route.method && !told.has(status) && !ANYWHERE.has(status)) {
    throw new Error(`${status} is not documented`);
  }
}

/** The statuses of each route that is described. */
type Documented = ReadonlyMap<string, ReadonlySet<number>>;

const Description = Type.Object({
  paths: Type.Record(
    Type.String(),
    Type.Record(Type.String(), Type.Object({ responses: Type.Record(Type.String(), Type.Unknown()) })),
  ),
});

async function readDescription(): Promise<Documented> {
  const { paths } = Value.Parse(Description, await (await fetch(`${system.address}/openapi.json`)).json());
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]): [string, Set<number>] => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        new Set(Object.keys(responses).map(Number)),
      ]),
    ),
  );
}

async function good() {
  const organizationId = await system.addOrganization();
  const { body } = await system.raise('u', organizationId);
  return {
    organizationId,
    submissionId: String(body.submissionId),
    basic: Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64'),
    tokens: [await tokenOf('u'), ...badTokens()],
  };
}

/** Signs what no library would. */
function signed(claims: object | string, header: object = { alg: 'HS256' }, secret = TOKEN_SECRET): string {
  const part = (value: object | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

/** Each is refused with 401. */
function badTokens(): string[] {
  const exp = inSeconds(600);
  const claims = { sub: 'u', exp };
  const subjects = ['', 'x'.repeat(129), 'a\u0000b', '\ud800', 7, null, {}, ['u'], true, undefined];
  const times = [inSeconds(-1), undefined, null, 'soon', -1, String(exp), [exp]];
  return [
    ...['a.b.c', '..', 'a', 'x'.repeat(8000), '\u00e9', `${signed(claims)}.`, `.${signed(claims)}`],
    signed(claims).replace(/\.[^.]*$/, '.'),
    signed(claims, { alg: 'none' }).replace(/\.[^.]*$/, '.'),
    signed(claims, { alg: 'none' }),
    signed(claims, { alg: 'HS512' }),
    signed(claims, { alg: 'RS256' }),
    signed(claims, { alg: '__proto__' }),
    signed(claims, { alg: 'HS256', crit: ['exp'] }),
    signed(claims, {}),
    signed(claims, { alg: 'HS256' }, 'another secret, also of 32 bytes or more'),
    signed('null'),
    signed('[]'),
    signed('{"sub":"u","exp":1e999}'),
    signed('{"sub":"u","exp":'),
    signed({ sub: 'u', exp, nbf: inSeconds(3600) }),
    signed({ sub: 'u', exp, nbf: 'later' }),
    ...subjects.map(sub => signed({ sub, exp })),
    ...times.map(each => signed({ sub: 'u', exp: each })),
  ];
}

test('a token that is not a good one is answered 401', async () => {
  for (const token of badTokens()) {
    const request = `GET /api/client/issues HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const [answer] = parseAnswers(await exchange(system.address, Buffer.from(request, 'latin1')));
    expect([token, answer?.status]).toEqual([token, 401]);
  }
});

/** After all that can be collected has been. */
function heapUsed(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect: unknown = vm.runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}
