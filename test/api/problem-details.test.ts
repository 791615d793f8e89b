import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { openApp } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

const RAISE = '/api/client/issues/raise';
const ORGANIZATION = 'c0ffee00-0000-4000-8000-000000000001';

interface Sent {
  readonly payload: string | Buffer;
  readonly type?: string;
}

async function raise(app: FastifyInstance, { payload, type = 'application/json' }: Sent) {
  const headers = { ...(await bearer('u')), 'content-type': type };
  const response = await app.inject({ method: 'POST', url: RAISE, headers, payload });
  return { response, problem: response.json() };
}

test('a failure is a problem document', async () => {
  const { app } = await openApp();

  const response = await app.inject('/nothing?here=1');

  expect(response.statusCode).toBe(404);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json()).toEqual({
    type: 'urn:issue-intake:problem:not_found',
    title: 'There is nothing at this address',
    status: 404,
    detail: 'there is nothing at this address; /openapi.json lists what there is',
    code: 'not_found',
  });
});

test.each([
  ['GET', RAISE, 'POST'],
  ['DELETE', `${RAISE}/?x=1`, 'POST'],
  ['OPTIONS', RAISE, 'POST'],
  ['POST', '/healthz', 'GET, HEAD'],
  ['PUT', `/api/client/issues/submissions/${ORGANIZATION}`, 'GET, HEAD'],
] as const)('%s %s is answered with the methods that there are', async (method, url, allow) => {
  const { app } = await openApp();

  const response = await app.inject({ method, url });

  expect(response.statusCode).toBe(405);
  expect(response.headers.allow).toBe(allow);
  expect(response.json().code).toBe('method_not_allowed');
});

test.each<[string, Sent, number, string]>([
  ['cut short', { payload: '{"title":' }, 400, 'body_not_json'],
  ['empty', { payload: '' }, 400, 'body_not_json'],
  ['with a raw U+0000', { payload: '{"title":"\0"}' }, 400, 'body_not_json'],
  ['in Latin-1', { payload: Buffer.from('{"title":"caf\xe9"}', 'latin1') }, 400, 'body_not_utf8'],
  ['with UTF-8 cut in half', { payload: Buffer.from('{"title":"€"}').subarray(0, 12) }, 400, 'body_not_utf8'],
  ['with half a surrogate as bytes', { payload: Buffer.from('22eda08022', 'hex') }, 400, 'body_not_utf8'],
  ['in XML', { payload: '<title/>', type: 'application/xml' }, 415, 'unsupported_media_type'],
  ['in plain text', { payload: 'hello', type: 'text/plain' }, 415, 'unsupported_media_type'],
  ['of no type at all', { payload: 'hello', type: 'nonsense' }, 415, 'unsupported_media_type'],
  ['of 64 KiB and a byte', { payload: `"${'x'.repeat(65_535)}"` }, 413, 'body_too_large'],
  ['of 64 KiB, but only a text', { payload: `"${'x'.repeat(65_534)}"` }, 400, 'validation_failed'],
])('a body %s is refused', async (_what, sent, status, code) => {
  const { app } = await openApp();

  const { response, problem } = await raise(app, sent);

  expect(response.statusCode).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(problem).toMatchObject({ status, code, type: `urn:issue-intake:problem:${code}` });
});

test('a body that is shorter than announced is refused', async () => {
  const { app } = await openApp();
  const headers = { ...(await bearer('u')), 'content-type': 'application/json', 'content-length': '100' };

  const response = await app.inject({ method: 'POST', url: RAISE, headers, payload: '{}' });

  expect(response.json()).toMatchObject({ status: 400, code: 'bad_request' });
});

test('texts that PostgreSQL cannot store are refused, wherever they are, with where they are', async () => {
  const { app, intake } = await openApp();
  const payload = String.raw`{"title":"a\u0000b","description":"\ud800","category":"\ud83d\ude00","x":["\udc00"]}`;

  const { problem } = await raise(app, { payload });

  expect(problem).toMatchObject({
    status: 400,
    code: 'text_not_storable',
    errors: [
      { pointer: '/title', detail: 'must not hold U+0000' },
      { pointer: '/description', detail: 'must not hold half of a surrogate pair' },
      { pointer: '/x/0', detail: 'must not hold half of a surrogate pair' },
    ],
  });
  expect(intake.accepted).toEqual([]);
});

test('escapes that make whole characters are taken', async () => {
  const { app, intake } = await openApp();
  const payload = String.raw`{"organizationId":"${ORGANIZATION}","title":"\u0048i \ud83d\ude00"}`;

  expect((await raise(app, { payload })).response.statusCode).toBe(202);
  expect(intake.accepted).toMatchObject([{ title: 'Hi 😀' }]);
});

test('a body of thousands of brackets is refused as any other that is wrong', async () => {
  const { app } = await openApp();

  for (const inner of ['', String.raw`"\u0000"`]) {
    const { problem } = await raise(app, { payload: '['.repeat(30_000) + inner + ']'.repeat(30_000) });
    expect(problem).toMatchObject({ status: 400, code: 'validation_failed' });
  }
});

test('every bad field is named at once', async () => {
  const { app } = await openApp();
  const payload = JSON.stringify({
    organizationId: 'acme',
    title: ' ',
    description: 'x'.repeat(10_001),
    priority: 'asap',
    category: 7,
    'a/b~c': 1,
  });

  const { problem } = await raise(app, { payload });

  expect(problem).toMatchObject({
    status: 400,
    code: 'validation_failed',
    title: 'The request is not valid',
  });
  expect(
    problem.errors.toSorted((a: { pointer: string }, b: { pointer: string }) =>
      a.pointer < b.pointer ? -1 : 1,
    ),
  ).toEqual([
    { pointer: '/a~1b~0c', detail: 'is not a known field' },
    { pointer: '/category', detail: 'must be string' },
    { pointer: '/description', detail: 'must not have more than 10000 characters' },
    { pointer: '/organizationId', detail: 'must be a uuid' },
    { pointer: '/priority', detail: 'must be one of low, normal, high, urgent' },
    { pointer: '/title', detail: 'must not be empty' },
  ]);
});

test('missing fields are named', async () => {
  const { app } = await openApp();

  expect((await raise(app, { payload: '{}' })).problem.errors).toEqual([
    { pointer: '/organizationId', detail: 'is required' },
    { pointer: '/title', detail: 'is required' },
  ]);
});

test.each(['null', '[]', '7', '"text"', 'true'])('%s is no submission', async payload => {
  const { app } = await openApp();

  expect((await raise(app, { payload })).problem).toMatchObject({
    code: 'validation_failed',
    errors: [{ pointer: '', detail: 'must be object' }],
  });
});

test('a request without any body is refused', async () => {
  const { app } = await openApp();

  const response = await app.inject({ method: 'POST', url: RAISE, headers: await bearer('u') });

  expect(response.json()).toMatchObject({ status: 400, code: 'validation_failed' });
});

test.each(['__proto__', String.raw`\u005f_proto__`, 'constructor', 'toString'])(
  'a field named %s is an unknown field like any other',
  async name => {
    const { app, intake } = await openApp();
    const payload = `{"organizationId":"${ORGANIZATION}","title":"t","${name}":{"isAdmin":true}}`;

    const { problem } = await raise(app, { payload });

    const pointer = `/${JSON.parse(`"${name}"`)}`;
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer, detail: 'is not a known field' }] });
    expect(intake.accepted).toEqual([]);
  },
);

test('of a thousand bad fields only some are listed', async () => {
  const { app } = await openApp();
  const body = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`field${i}`, i]));

  const { problem } = await raise(app, { payload: JSON.stringify(body) });

  expect(problem.errors.length).toBeGreaterThan(2);
  expect(problem.errors.length).toBeLessThanOrEqual(16);
});

test.each(['/%', '/api/client/issues/submissions/%ff'])('the address %s is malformed', async url => {
  const { app } = await openApp();

  const response = await app.inject(url);

  expect(response.headers['x-request-id']).toBeDefined();
  expect(response.json()).toMatchObject({ status: 400, code: 'url_malformed' });
});

test('an address with an endless part is refused', async () => {
  const { app } = await openApp();

  const response = await app.inject(`/api/client/issues/submissions/${'x'.repeat(101)}`);

  expect(response.json()).toMatchObject({ status: 414, code: 'url_too_long' });
});

test('an error that nobody planned is a bare 500', async () => {
  const { app, intake } = await openApp();
  intake.accept = async () => {
    throw new Error('the password is hunter2');
  };

  const { response, problem } = await raise(app, {
    payload: JSON.stringify({ organizationId: ORGANIZATION, title: 't' }),
  });

  expect(problem).toMatchObject({ status: 500, code: 'internal_error' });
  expect(response.body).not.toContain('hunter2');
});

test('while the queue is away the answer is 503, with when to come again', async () => {
  const { app, intake } = await openApp();
  intake.isAway = true;

  const { response, problem } = await raise(app, {
    payload: JSON.stringify({ organizationId: ORGANIZATION, title: 't' }),
  });

  expect(problem).toMatchObject({ status: 503, code: 'queue_unavailable' });
  expect(response.headers['retry-after']).toBe('1');
});

test('the request id of the client is echoed, and a malformed one replaced', async () => {
  const { app } = await openApp();
  const idOf = async (id: string) =>
    (await app.inject({ url: '/nothing', headers: { 'x-request-id': id } })).headers['x-request-id'];

  expect(await idOf('trace-1/a:b')).toBe('trace-1/a:b');
  for (const malformed of ['', 'with space', 'x'.repeat(129), 'ä']) {
    expect(await idOf(malformed)).toMatch(/^[0-9a-f-]{36}$/);
  }
});

/** What the server answers to bytes that are no request. */
async function sendRaw(app: FastifyInstance, bytes: string): Promise<string> {
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(port), '127.0.0.1');
  socket.end(bytes);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'not_http'],
  ['headers without end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
])('%s is answered with a problem document too', async (_what, bytes, status, code) => {
  const { app } = await openApp();

  const [head = '', body = ''] = (await sendRaw(app, bytes)).split('\r\n\r\n');

  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain('Content-Type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ status, code });
});
