import fc from 'fast-check';

/*
 * Requests as an attacker, a broken client or a curious one would send them: a
 * good request of some route, of which any part may be something else.
 */

export interface Route {
  readonly method: string;
  /** As the router knows it, with `:name` and `*` for what varies. */
  readonly url: string;
}

export interface HostileRequest {
  readonly route: Route;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** What good requests hold. */
export interface Good {
  readonly tokens: readonly string[];
  /** Of the administrator. */
  readonly basic: string;
  readonly organizationId: string;
  readonly submissionId: string;
}

export function hostileRequest(routes: readonly Route[], good: Good): fc.Arbitrary<HostileRequest> {
  const ours = routes.filter(({ url }) => url.startsWith('/api/') || url.startsWith('/dev/'));
  return often(fc.constantFrom(...ours), fc.constantFrom(...routes), 2).chain(route =>
    fc
      .record({
        method: often(fc.constant(route.method), fc.constantFrom(...METHODS)),
        path: pathOf(route, good),
        headers: headersOf(route, good),
        body: bodyOf(good),
        // A body that GET does not take says nothing about the route.
        withBody: fc.boolean(),
      })
      .map(({ method, path, headers, body, withBody }) => ({
        route,
        method,
        path,
        headers,
        body: withBody || method === 'POST' ? body : Buffer.alloc(0),
      })),
  );
}

/** Its bytes. Length and end are right, unless a header of its own says otherwise. */
export function bytesOf({ method, path, headers, body }: HostileRequest): Buffer {
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(body.length > 0 && !own.has('content-length') && !own.has('transfer-encoding')
      ? [`Content-Length: ${body.length}`]
      : []),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** Mostly what is good, so that the bad gets further than the door. */
function often<T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: good }, { weight: 1, arbitrary: bad });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'get', 'X'];

/** Visible characters and bytes above, which HTTP lets through. */
const headerText = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
      maxLength,
    })
    .map(codes => String.fromCharCode(...codes));

const PATH_PARTS = [
  '',
  '.',
  '..',
  '%2e%2e',
  '%00',
  '%',
  '%zz',
  '%c0%ae',
  '%ed%a0%80',
  '%ff',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  '*',
  ':id',
  '%2f',
  '%3f',
  '%0d%0aX: y',
  ';a=b',
  '\\',
  '~',
  '{}',
  "'",
  '"',
  '<script>',
  'x'.repeat(101),
  'x'.repeat(5000),
  '-1',
  'null',
  '{lane-00-04}',
  '00000000-0000-0000-0000-000000000000',
];

const QUERIES = [
  '?',
  '?a',
  '?limit=1',
  '?limit=0',
  '?limit=1e9',
  '?limit=-1',
  '?limit=1&limit=2',
  '?limit[]=1',
  '?limit=%00',
  '?cursor=',
  '?cursor=AAAA',
  '?cursor=bnVsbA',
  '?cursor=%ff',
  '?cursor=IjAi',
  '?cursor=WyIiLCIiXQ',
  '?__proto__=1',
  '?__proto__[x]=1',
  '?constructor=1',
  '?a=%',
  '?&&&',
  `?${'a=1&'.repeat(800)}`,
  `?cursor=${'x'.repeat(9000)}`,
  '?activeQueue=%00',
  '?jobsPerPage=1e99',
  '?page=-1',
  '?status=__proto__',
  '?#x',
];

function pathOf({ url }: Route, { submissionId }: Good): fc.Arbitrary<string> {
  const value = often(fc.constant(submissionId), fc.constantFrom(...PATH_PARTS));
  const pieces = url.split(/:\w+|\*/);
  const path = fc
    .array(value, { minLength: pieces.length - 1, maxLength: pieces.length - 1 })
    .map(values => pieces.map((piece, index) => piece + (values[index] ?? '')).join(''));
  const mutated = fc.record({ path, part: fc.constantFrom(...PATH_PARTS), how: fc.nat(5) }).map(bent);
  return fc
    .tuple(often(path, mutated), often(fc.constant(''), fc.constantFrom(...QUERIES), 2))
    .map(([start, query]) => `${start}${query}`.replaceAll(/[ \r\n]/g, '+'));
}

function bent({ path, part, how }: { path: string; part: string; how: number }): string {
  const ways = [
    `${path}/${part}`,
    `/${path}`,
    path.replaceAll('/', '//'),
    `http://elsewhere.example${path}`,
    `${path}/../${part}`,
    path.toUpperCase(),
  ];
  return ways[how] ?? path;
}

function headersOf({ url }: Route, { tokens, basic }: Good): fc.Arbitrary<[string, string][]> {
  const authorization = often(
    fc.constant(url.startsWith('/admin') ? `Basic ${basic}` : `Bearer ${tokens[0]}`),
    fc.oneof(
      fc.constantFrom(
        ...tokens.map(token => `Bearer ${token}`),
        'Bearer',
        'Bearer ',
        'Basic',
        'Basic =',
        'Basic Og==',
      ),
      headerText(60).map(text => `Bearer ${text}`),
      headerText(60),
    ),
  );
  const contentType = often(
    fc.constant('application/json'),
    fc.oneof(fc.constantFrom(...CONTENT_TYPES), headerText(40)),
  );
  const more = fc.oneof(
    fc.tuple(fc.constant('Prefer'), fc.oneof(fc.constantFrom(...PREFERENCES), headerText(40))),
    fc.tuple(fc.constant('Idempotency-Key'), fc.oneof(fc.constantFrom(...KEYS), headerText(300))),
    fc.tuple(fc.constant('X-Request-Id'), headerText(200)),
    fc.constantFrom<[string, string]>(...ODD_HEADERS),
    fc.tuple(
      fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,30}$/).map(name => `X-${name}`),
      headerText(100),
    ),
  );
  return fc
    .record({ authorization, contentType, more: fc.array(more, { maxLength: 4 }) })
    .map(({ authorization: token, contentType: type, more: rest }) => [
      ['Authorization', token],
      ['Content-Type', type],
      ...rest,
    ]);
}

const CONTENT_TYPES = [
  'application/json; charset=utf-16',
  'application/json;',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
  '',
  ';',
  'application/json, text/plain',
  '__proto__',
  'application/xml',
];
/** None that waits for long. */
const PREFERENCES = [
  'wait=0',
  'wait=-1',
  'wait=1e9x',
  'wait',
  'wait="',
  '",,,;;;',
  'respond-async',
  'wait=0,wait=5',
];
const KEYS = ['k1', '"k1"', '"', '""', 'x'.repeat(256), '__proto__', 'a,b', '\\', '"a\\"', 'constructor'];
const ODD_HEADERS: [string, string][] = [
  ['Expect', '100-continue'],
  ['Expect', 'a miracle'],
  ['Upgrade', 'websocket'],
  ['Upgrade', 'h2c'],
  ['Range', 'bytes=0-1,2-3'],
  ['Range', 'bytes=9-1'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', 'never'],
  ['Accept', 'nothing/at-all'],
  ['Accept-Encoding', 'br;q=nan'],
  ['Content-Encoding', 'gzip'],
  ['Content-Length', '0'],
  ['Content-Length', '7'],
  ['Content-Length', '-1'],
  ['Content-Length', '1e3'],
  ['Content-Length', '99999999999999999999'],
  ['Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'x'],
  ['Host', 'elsewhere.example'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Forwarded-For', '1.2.3.4'],
  ['Accept-Version', '1.x'],
  ['Cookie', `a=${'b'.repeat(4000)}`],
  ['X-Big', 'y'.repeat(20_000)],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['Connection', 'upgrade, close'],
  ['TE', 'trailers'],
];

function bodyOf({ organizationId }: Good): fc.Arbitrary<Buffer> {
  const issue = { organizationId, title: 'The door does not close' };
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1e308,
      [],
      {},
      '',
      ' ',
      '\u0000',
      '\ud800',
      '😀',
      'x'.repeat(20_000),
    ),
    fc.jsonValue(),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  const field = fc.constantFrom(
    'organizationId',
    'title',
    'description',
    'priority',
    'category',
    'userId',
    '__proto__',
    'constructor',
    'toString',
  );
  const changed = fc
    .dictionary(field, value, { maxKeys: 3, noNullPrototype: true })
    .map(changes => Buffer.from(JSON.stringify({ ...issue, ...changes })));
  const cut = fc.record({ at: fc.nat(90), byte: fc.nat(255) }).map(({ at, byte }) => {
    const bytes = Buffer.from(JSON.stringify(issue));
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(Buffer.from(JSON.stringify(issue))) },
    { weight: 4, arbitrary: changed },
    { weight: 4, arbitrary: wellFormed(organizationId) },
    { weight: 2, arbitrary: cut },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...BODIES).map(text => Buffer.from(text.replaceAll('ORG', organizationId))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }).map(bytes => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.jsonValue().map(json => Buffer.from(JSON.stringify(json))) },
    { weight: 1, arbitrary: fc.record({ userId: value }).map(json => Buffer.from(JSON.stringify(json))) },
  );
}

/** As the description allows it, with texts of any characters. */
function wellFormed(organizationId: string): fc.Arbitrary<Buffer> {
  const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength });
  return fc
    .record(
      {
        organizationId: fc.oneof(fc.constant(organizationId), fc.uuid()),
        title: text(200),
        description: text(2000),
        priority: fc.constantFrom('low', 'normal', 'high', 'urgent'),
        category: text(100),
      },
      { requiredKeys: ['organizationId', 'title'] },
    )
    .map(json => Buffer.from(JSON.stringify(json)));
}

const BODIES = [
  '',
  ' ',
  'null',
  '"',
  '{',
  '[',
  'NaN',
  '\ufeff{}',
  '{"a":1}{"a":2}',
  "{'title':1}",
  '['.repeat(30_000),
  '{"a":'.repeat(10_000),
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  '{"__proto__":{"title":"x","polluted":true},"organizationId":"ORG"}',
  '{"constructor":{"prototype":{"polluted":true}},"organizationId":"ORG","title":"x"}',
  '{"organizationId":"ORG","title":"one","title":"two"}',
  '{"organizationId":"ORG","title":"\\ud800"}',
  '{"organizationId":"ORG","title":"\\u0000"}',
  '{"organizationId":"ORG","title":"x","\\ud800":1}',
  '{"organizationId":"ORG","title":1e999999}',
  `{"organizationId":"ORG","title":"${'x'.repeat(70_000)}"}`,
  `{${'"a":1,'.repeat(5000)}"b":2}`,
  `{"organizationId":"ORG","title":"x","description":"${'\\u0041'.repeat(10_000)}"}`,
];
