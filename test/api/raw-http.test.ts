import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem } from '../support/system.ts';
import { tokenOf } from '../support/tokens.ts';
import { exchange, parseAnswers } from './support/raw-http.ts';

/*
 * What no client library sends: HTTP bent, cut, glued together and slow.
 */

const TIMEOUTS = { headers: 1000, request: 1500, silence: 10_000, checkEvery: 100 };

let system: System;
let token: string;
let issue: string;

beforeAll(async () => {
  system = await startSystem('redis', { timeouts: TIMEOUTS });
  token = await tokenOf('u');
  issue = JSON.stringify({
    organizationId: await system.addOrganization(),
    title: 'The door does not close',
  });
});
afterAll(() => system.close());

/** A request with the headers that a good one needs; each line may be something else. */
function request(first: string, lines: readonly string[] = [], body = ''): string {
  return `${[first, 'Host: a', `Authorization: Bearer ${token}`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

function raise(lines: readonly string[] = [], body = issue): string {
  const type = 'Content-Type: application/json';
  return request('POST /api/client/issues/raise HTTP/1.1', [type, ...lines], body);
}

async function answersTo(bytes: string, options?: { end: boolean }) {
  return parseAnswers(await exchange(system.address, Buffer.from(bytes, 'latin1'), options));
}

async function codesOf(bytes: string): Promise<unknown[]> {
  const answers = await answersTo(bytes);
  return answers.map(({ status, headers, body }) => {
    expect(status < 400 || headers['content-type']?.startsWith('application/problem+json')).toBe(true);
    return status < 400 ? status : JSON.parse(body).code;
  });
}

const CLOSE = 'Connection: close';
const LENGTH = () => `Content-Length: ${Buffer.byteLength(issue)}`;
const PATH = '/api/client/organizations';

test.each<[string, () => string, unknown[]]>([
  ['HTTP/1.0 without Host', () => `GET ${PATH} HTTP/1.0\r\nAuthorization: Bearer ${token}\r\n\r\n`, [200]],
  ['HTTP/1.1 without Host', () => `GET ${PATH} HTTP/1.1\r\n${CLOSE}\r\n\r\n`, ['host_missing']],
  ['HTTP/3.0', () => request(`GET ${PATH} HTTP/3.0`, [CLOSE]), ['not_http']],
  ['no version, as of HTTP/0.9', () => `GET ${PATH}\r\n\r\n`, ['token_missing']],
  ['bytes that are no HTTP', () => '\x16\x03\x01\x02\x00\x01', ['not_http']],
  ['an absolute address', () => request(`GET http://a${PATH} HTTP/1.1`, [CLOSE]), [200]],
  ['two slashes', () => request(`GET /${PATH} HTTP/1.1`, [CLOSE]), ['not_found']],
  ['an asterisk', () => request('OPTIONS * HTTP/1.1', [CLOSE]), ['method_not_allowed']],
  ['OPTIONS', () => request(`OPTIONS ${PATH} HTTP/1.1`, [CLOSE]), ['method_not_allowed']],
  ['TRACE', () => request(`TRACE ${PATH} HTTP/1.1`, [CLOSE]), ['method_not_allowed']],
  ['an unknown method', () => request(`BREW ${PATH} HTTP/1.1`, [CLOSE]), ['not_http']],
  ['bad percent signs', () => request(`GET ${PATH}/%zz HTTP/1.1`, [CLOSE]), ['url_malformed']],
  ['U+0000 in the address', () => request(`GET ${PATH}\0 HTTP/1.1`, [CLOSE]), ['not_http']],
  ['U+0000 in a header', () => request(`GET ${PATH} HTTP/1.1`, [CLOSE, 'X: a\0b']), ['not_http']],
  ['a folded header', () => request(`GET ${PATH} HTTP/1.1`, [CLOSE, 'X: a', ' b']), ['not_http']],
  ['a space before the colon', () => request(`GET ${PATH} HTTP/1.1`, [CLOSE, 'X : a']), ['not_http']],
  ['bare line feeds', () => `GET ${PATH} HTTP/1.1\nHost: a\n\n`, ['not_http']],
  [
    'headers of 20 KB',
    () => request(`GET ${PATH} HTTP/1.1`, [`X: ${'x'.repeat(20_000)}`]),
    ['headers_too_large'],
  ],
  [
    'an address of 20 KB',
    () => request(`GET /${'x'.repeat(20_000)} HTTP/1.1`, [CLOSE]),
    ['headers_too_large'],
  ],
  [
    'a flood of headers',
    () => request(`GET ${PATH} HTTP/1.1`, Array(5000).fill('X: y')),
    ['headers_too_large'],
  ],
  [
    'an upgrade',
    () => request(`GET ${PATH} HTTP/1.1`, ['Connection: upgrade, close', 'Upgrade: websocket']),
    [200],
  ],
  ['an unknown expectation', () => raise([CLOSE, 'Expect: a miracle', LENGTH()]), ['expectation_unknown']],
  ['100-continue', () => raise([CLOSE, 'Expect: 100-continue', LENGTH()]), [202]],
  ['a body in chunks', () => raise([CLOSE, 'Transfer-Encoding: chunked'], chunk(issue)), [202]],
  [
    'chunks and a length',
    () => raise([CLOSE, 'Transfer-Encoding: chunked', LENGTH()], chunk(issue)),
    ['not_http'],
  ],
  ['two lengths', () => raise([CLOSE, LENGTH(), 'Content-Length: 1']), ['not_http']],
  ['a length with a sign', () => raise([CLOSE, 'Content-Length: +5']), ['not_http']],
  ['chunked twice', () => raise(['Transfer-Encoding: chunked, chunked'], chunk(issue)), ['not_http']],
  ['chunked, but not at the end', () => raise(['Transfer-Encoding: chunked, x'], chunk(issue)), ['not_http']],
  ['chunks that are none', () => raise(['Transfer-Encoding: chunked'], 'zz\r\n'), ['not_http']],
  [
    'chunks without end',
    () => raise([CLOSE, 'Transfer-Encoding: chunked'], chunk('x'.repeat(70_000))),
    ['body_too_large'],
  ],
])('%s is answered %#', async (_what, bytes, expected) => {
  expect(await codesOf(bytes())).toEqual(expected);
});

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
}

test('CONNECT is no way through: the connection is closed', async () => {
  expect(await exchange(system.address, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')).toHaveLength(0);
});

test('HEAD is answered as GET, without a body', async () => {
  const bytes = await exchange(system.address, request(`HEAD ${PATH} HTTP/1.1`, [CLOSE]));

  expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)+\r\n$/);
});

test('requests sent at once on one connection are answered in turn', async () => {
  const get = request(`GET ${PATH} HTTP/1.1`);

  const answers = await codesOf(`${get}${raise([LENGTH()])}${get}${request('GET /none HTTP/1.1', [CLOSE])}`);

  expect(answers).toEqual([200, 202, 200, 'not_found']);
});

test('garbage behind a request that is being answered does not take the place of its answer', async () => {
  const waits = raise(['Prefer: wait=10', LENGTH()]);

  const [answer, ...more] = await answersTo(`${waits}garbage\r\n\r\n`);

  expect(answer?.status).toBe(201);
  expect(more).toEqual([]);
});

test('of keys that a body holds twice, the last one counts', async () => {
  const { organizationId } = JSON.parse(issue);
  const body = `{"organizationId":"${organizationId}","title":"first","title":"last"}`;

  const [answer] = await answersTo(raise([CLOSE, 'Prefer: wait=10', `Content-Length: ${body.length}`], body));

  expect(answer?.body).toContain('"title":"last"');
});

test('__proto__ in a body is an unknown field, and nothing else', async () => {
  const { organizationId } = JSON.parse(issue);
  const body = `{"organizationId":"${organizationId}","__proto__":{"title":"x"}}`;

  const [answer] = await answersTo(raise([CLOSE, `Content-Length: ${body.length}`], body));

  expect(JSON.parse(answer?.body ?? '').errors).toEqual(
    expect.arrayContaining([{ pointer: '/title', detail: 'is required' }]),
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe.concurrent('a client that sends a byte now and then', it => {
  it.for<[string, () => string, number]>([
    ['of its headers', () => request(`GET ${PATH} HTTP/1.1`).slice(0, -2), TIMEOUTS.headers],
    ['of its body', () => raise(['Content-Length: 500']), TIMEOUTS.request],
    ['of its chunks', () => raise(['Transfer-Encoding: chunked'], '1f4\r\n'), TIMEOUTS.request],
  ])('%s is told 408, and left', async ([, bytes, limit], { expect }) => {
    const start = bytes();
    const { hostname, port } = new URL(system.address);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    const parts: Buffer[] = [];
    socket.on('data', part => parts.push(part));
    const began = performance.now();

    // At once, so that the server is in the middle of it.
    socket.write(start);
    const drip = setInterval(() => socket.write('x'), 100);
    await closed;
    clearInterval(drip);

    const [answer] = parseAnswers(Buffer.concat(parts));
    expect(answer?.status).toBe(408);
    expect(JSON.parse(answer?.body ?? '').code).toBe('request_timeout');
    expect(performance.now() - began).toBeGreaterThanOrEqual(limit - 50);
  });
});

test('what comes to its end after its client was told 408 is not accepted', async () => {
  const { organizationId } = JSON.parse(issue);
  const late = JSON.stringify({ organizationId, title: 'told 408' });
  const bytes = raise([`Content-Length: ${late.length}`], late);
  const { hostname: host, port } = new URL(system.address);
  const socket = connect({ host, port: Number(port), allowHalfOpen: true });
  const closed = once(socket, 'close');

  socket.write(bytes.slice(0, -5));
  const [answer] = await once(socket, 'data');
  socket.end(bytes.slice(-5));
  await closed;

  // Had it been accepted, it would be applied before this one.
  expect((await system.raise('u', organizationId)).status).toBe(201);
  const mine = await system.send('u', 'GET', '/api/client/issues?limit=100');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /);
  expect(JSON.stringify(mine.body)).toContain('The tap drips');
  expect(JSON.stringify(mine.body)).not.toContain('told 408');
});

test('hundreds of slow clients do not keep a good one waiting', async () => {
  const { hostname, port } = new URL(system.address);
  const slow = Array.from({ length: 500 }, () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.write('GET / HTTP/1.1\r\nX: ');
    return { socket, closed: once(socket, 'close') };
  });

  expect((await system.send('u', 'GET', PATH)).status).toBe(200);
  await Promise.all(slow.map(({ closed }) => closed));
  expect((await system.send('u', 'GET', PATH)).status).toBe(200);
});

test('a client that ends its side with its request half sent is answered', async () => {
  const [answer] = await answersTo(raise(['Content-Length: 500']), { end: true });

  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 400, code: 'not_http' });
});
