import { expect, test } from 'vitest';
import { readApiConfig, readMigrateConfig, readStartConfig, readWorkerConfig } from '../src/config.ts';
import { readLanesConfig } from '../src/config-lanes.ts';
import { readWebhooksConfig } from '../src/config-webhooks.ts';
import { ConfigError } from '../src/environment.ts';

const DATABASE_URL = 'postgres://me:hunter2@db.example:5432/crm';
const JWT_SECRET = 'a secret of 32 bytes or even more';

function mistakesOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

test('npm start needs no variable: it makes its secrets and uses the embedded stores', () => {
  const config = readStartConfig({});

  expect(config).toMatchObject({
    role: 'start',
    databaseUrl: undefined,
    queueUrl: undefined,
    port: 3000,
    host: '127.0.0.1',
    lanes: 4,
    readAhead: 128,
    logLevel: 'info',
    admin: { user: 'admin', showContent: false, allowActions: true, made: true },
  });
  expect(config.tokens.key).toEqual({ secret: expect.stringMatching(/^[\w-]{32,}$/) });
  expect(config.admin.password).toMatch(/^[\w-]{16,}$/);
});

test('the secrets that npm start makes are others each time', () => {
  const [one, other] = [readStartConfig({}), readStartConfig({})];

  expect(one.tokens.key).not.toEqual(other.tokens.key);
  expect(one.admin.password).not.toBe(other.admin.password);
});

test('npm start takes what is set', () => {
  const config = readStartConfig({
    DATABASE_URL,
    QUEUE_URL: 'redis://localhost:6379',
    JWT_SECRET,
    ADMIN_USER: 'root',
    ADMIN_PASSWORD: 'pass:word',
  });

  expect(config).toMatchObject({
    databaseUrl: DATABASE_URL,
    queueUrl: 'redis://localhost:6379',
    lanes: 16,
    tokens: { key: { secret: JWT_SECRET } },
    admin: { user: 'root', password: 'pass:word', made: false },
  });
});

test('npm start with tokens from elsewhere makes no secret', () => {
  const config = readStartConfig({ JWT_JWKS_URL: 'https://issuer.example/jwks' });

  expect(config.tokens.key).toEqual({ jwksUrl: 'https://issuer.example/jwks' });
});

test('the API has its defaults, and queues on its database', () => {
  expect(readApiConfig({ DATABASE_URL, JWT_SECRET })).toEqual({
    role: 'api',
    logLevel: 'info',
    databaseUrl: DATABASE_URL,
    queueUrl: DATABASE_URL,
    port: 3000,
    host: '127.0.0.1',
    refuseVolatile: false,
    lanes: 16,
    backlogLimits: { inAll: 1_000_000, perLane: 100_000 },
    acknowledgedReplicas: 0,
    userLimit: { perSecond: 20, burst: 100 },
    trustProxy: undefined,
    corsOrigins: [],
    tokens: { key: { secret: JWT_SECRET }, issuer: undefined, audience: undefined },
    admin: undefined,
  });
});

test.each(['redis://r', 'rediss://r', 'redis+cluster://a:1,b:2'])('%s can have replicas', QUEUE_URL => {
  const environment = { DATABASE_URL, QUEUE_URL, JWT_SECRET, ACKNOWLEDGED_REPLICAS: '1' };

  expect(readApiConfig(environment).acknowledgedReplicas).toBe(1);
  expect(readStartConfig(environment).acknowledgedReplicas).toBe(1);
});

test('replicas can be waited for on a Redis only', () => {
  const mistake = 'ACKNOWLEDGED_REPLICAS needs a QUEUE_URL that is a Redis; unset it, or set that';

  expect(mistakesOf(() => readApiConfig({ DATABASE_URL, JWT_SECRET, ACKNOWLEDGED_REPLICAS: '1' }))).toEqual([
    mistake,
  ]);
  expect(mistakesOf(() => readStartConfig({ ACKNOWLEDGED_REPLICAS: '1' }))).toEqual([mistake]);
});

test('the API checks issuer and audience where they are set', () => {
  const { tokens } = readApiConfig({ DATABASE_URL, JWT_SECRET, JWT_ISSUER: 'me', JWT_AUDIENCE: 'you' });

  expect(tokens).toMatchObject({ issuer: 'me', audience: 'you' });
});

test('a worker needs no secret', () => {
  const config = readWorkerConfig({ DATABASE_URL, QUEUE_URL: 'redis://r', LANES: '2', READ_AHEAD: '1' });

  expect(config).toEqual({
    role: 'worker',
    logLevel: 'info',
    databaseUrl: DATABASE_URL,
    queueUrl: 'redis://r',
    metricsPort: undefined,
    metricsHost: '127.0.0.1',
    refuseVolatile: false,
    lanes: 2,
    readAhead: 1,
  });
});

test.each([
  ['off', undefined],
  ['0', 0],
  ['65535', 65_535],
])('METRICS_PORT=%s is %s', (text, metricsPort) => {
  expect(readWorkerConfig({ DATABASE_URL, METRICS_PORT: text })).toMatchObject({ metricsPort });
});

test('a worker answers machines where HOST says, unless METRICS_HOST says otherwise', () => {
  const HOST = '0.0.0.0';

  expect(readWorkerConfig({ DATABASE_URL, HOST })).toMatchObject({ metricsHost: HOST });
  expect(readWorkerConfig({ DATABASE_URL, HOST, METRICS_HOST: '::1' })).toMatchObject({ metricsHost: '::1' });
});

test.each(['no', '65536', '-1', '1.5'])('METRICS_PORT=%s is a mistake', text => {
  expect(mistakesOf(() => readWorkerConfig({ DATABASE_URL, METRICS_PORT: text }))).toEqual([
    `METRICS_PORT must be a port from 0 to 65535, or off, not ${JSON.stringify(text)}`,
  ]);
});

test.each([
  'redis://localhost',
  'rediss://user:secret@redis.example:6380/2',
  'redis+cluster://10.0.0.1:7000,10.0.0.2:7001,10.0.0.3:7002',
  'redis+cluster://user:secret@a:7000,b:7001',
  'postgres://localhost/queue',
  'postgresql://localhost/queue',
])('%s is a queue', url => {
  expect(readMigrateConfig({ DATABASE_URL, QUEUE_URL: url }).queueUrl).toBe(url);
});

test('the limits of the backlog are numbers, or off', () => {
  const limits = (environment: Record<string, string>) => readStartConfig(environment).backlogLimits;

  expect(limits({ BACKLOG_LIMIT: '1', LANE_BACKLOG_LIMIT: 'off' })).toEqual({
    inAll: 1,
    perLane: Number.POSITIVE_INFINITY,
  });
  expect(mistakesOf(() => limits({ BACKLOG_LIMIT: '0', LANE_BACKLOG_LIMIT: 'none' }))).toEqual([
    'BACKLOG_LIMIT must be a whole number from 1 to 100000000, or off, not "0"',
    'LANE_BACKLOG_LIMIT must be a whole number from 1 to 100000000, or off, not "none"',
  ]);
});

test('a queue that may lose submissions is refused in production only, and not where it is allowed', () => {
  const refused = (more: Record<string, string>) =>
    readWorkerConfig({ DATABASE_URL, ...more }).refuseVolatile;

  expect(refused({})).toBe(false);
  expect(refused({ NODE_ENV: 'production' })).toBe(true);
  expect(refused({ NODE_ENV: 'production', ALLOW_VOLATILE_QUEUE: '1' })).toBe(false);
  expect(mistakesOf(() => refused({ ALLOW_VOLATILE_QUEUE: 'yes' }))).toEqual([
    'ALLOW_VOLATILE_QUEUE must be one of 1, 0, not "yes"',
  ]);
});

test('an empty variable is an absent one', () => {
  expect(
    readApiConfig({ DATABASE_URL, JWT_SECRET, QUEUE_URL: '', PORT: ' ', ADMIN_PASSWORD: '' }),
  ).toMatchObject({
    queueUrl: DATABASE_URL,
    port: 3000,
    admin: undefined,
  });
});

test('titles are hidden and actions are off, unless settings say otherwise', () => {
  const given = { DATABASE_URL, JWT_SECRET, ADMIN_PASSWORD: 'password' };
  const settings = { ADMIN_SHOW_CONTENT: '1', ADMIN_ACTIONS: '1' };

  expect(readApiConfig(given).admin).toMatchObject({ showContent: false, allowActions: false });
  expect(readApiConfig({ ...given, ...settings }).admin).toMatchObject({
    showContent: true,
    allowActions: true,
  });
  expect(readStartConfig({ ADMIN_ACTIONS: '0' }).admin).toMatchObject({ allowActions: false });
  expect(
    mistakesOf(() => readApiConfig({ ...given, ADMIN_SHOW_CONTENT: 'yes', ADMIN_ACTIONS: 'true' })),
  ).toEqual([
    'ADMIN_SHOW_CONTENT must be one of 0, 1, not "yes"',
    'ADMIN_ACTIONS must be one of 0, 1, not "true"',
  ]);
});

test('webhooks stay out of private networks, unless a setting says otherwise', () => {
  const allowed = (settings: object) => {
    const { admin } = readApiConfig({ DATABASE_URL, JWT_SECRET, ADMIN_PASSWORD: 'password', ...settings });
    return admin?.allowPrivateWebhooks;
  };

  expect(allowed({})).toBe(false);
  expect(readStartConfig({}).admin.allowPrivateWebhooks).toBe(false);
  expect(allowed({ WEBHOOK_ALLOW_PRIVATE: '1' })).toBe(true);
  expect(mistakesOf(() => allowed({ WEBHOOK_ALLOW_PRIVATE: 'yes' }))).toEqual([
    'WEBHOOK_ALLOW_PRIVATE must be one of 0, 1, not "yes"',
  ]);
});

test.each([
  [undefined, 5000],
  ['0.05', 50],
  ['3600', 3_600_000],
])('a webhook that failed is tried again after WEBHOOK_RETRY_AFTER=%s', (seconds, retryAfterMs) => {
  const { webhooks } = readWebhooksConfig({ DATABASE_URL, WEBHOOK_RETRY_AFTER: seconds });

  expect(webhooks).toEqual({ retryAfterMs, allowPrivate: false });
});

test.each(['0', '-1', '3601', '5s', '0.0001'])('WEBHOOK_RETRY_AFTER=%s is no time to wait', seconds => {
  const read = () => readWebhooksConfig({ DATABASE_URL, WEBHOOK_RETRY_AFTER: seconds });

  expect(mistakesOf(read)).toEqual([
    `WEBHOOK_RETRY_AFTER must be seconds, more than 0 and at most 3600, not "${seconds}"`,
  ]);
});

test('a configuration cannot be changed afterwards, in no part', () => {
  const config = readApiConfig({ DATABASE_URL, JWT_SECRET, ADMIN_PASSWORD: 'password' });

  for (const part of [config, config.tokens, config.tokens.key, config.admin]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

test('every mistake is reported at once, one line each, with what was expected and what came', () => {
  const mistakes = mistakesOf(() =>
    readApiConfig({
      DATABASE_URL: 'mysql://db.example/crm',
      QUEUE_URL: 'amqp://rabbit',
      PORT: '70000',
      LANES: '0',
      LOG_LEVEL: 'loud',
      JWT_SECRET: 'short',
      ADMIN_USER: 'a:b',
    }),
  );

  expect(mistakes).toEqual([
    'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
    'DATABASE_URL must be a URL like postgres://user:password@host:5432/database, not "mysql://db.example/crm"',
    expect.stringMatching(/^QUEUE_URL must be a URL like redis:.* or postgres:.*, not "amqp:\/\/rabbit"$/),
    'PORT must be a whole number from 0 to 65535, not "70000"',
    'LANES must be a whole number from 1 to 1024, not "0"',
    'JWT_SECRET must have at least 32 bytes, not 5',
    'ADMIN_USER must not hold a colon, as "a:b" does',
  ]);
});

test('on PostgreSQL there are no more lanes than there are connections for', () => {
  const LANES = '33';

  expect(mistakesOf(() => readWorkerConfig({ DATABASE_URL, LANES }))).toEqual([
    'LANES must be at most 32 where PostgreSQL is the queue store; set QUEUE_URL to a Redis for more',
  ]);
  expect(readWorkerConfig({ DATABASE_URL, LANES: '32' }).lanes).toBe(32);
  expect(readWorkerConfig({ DATABASE_URL, LANES, QUEUE_URL: 'redis://r' }).lanes).toBe(33);
  expect(mistakesOf(() => readLanesConfig({ DATABASE_URL }, ['resize', LANES]))).toEqual([
    'resize must be at most 32 where PostgreSQL is the queue store; set QUEUE_URL to a Redis for more',
  ]);
  expect(readLanesConfig({ DATABASE_URL, QUEUE_URL: 'redis://r' }, ['resize', LANES]).resizeTo).toBe(33);
});

test.each([['12.5'], ['-1'], ['1e3'], ['0x10'], ['many'], ['99999999999']])('%s is no port', PORT => {
  expect(mistakesOf(() => readStartConfig({ PORT }))).toEqual([
    `PORT must be a whole number from 0 to 65535, not "${PORT}"`,
  ]);
});

test('missing variables are named, all of them', () => {
  expect(mistakesOf(() => readApiConfig({}))).toEqual([
    'DATABASE_URL is missing; it must be a URL like postgres://user:password@host:5432/database',
    'JWT_SECRET is missing; it must be at least 32 bytes; or set JWT_JWKS_URL',
  ]);
  for (const read of [readWorkerConfig, readMigrateConfig]) {
    expect(mistakesOf(() => read({}))).toEqual([expect.stringMatching(/^DATABASE_URL is missing/)]);
  }
});

test('a secret and a JWKS URL exclude each other', () => {
  expect(
    mistakesOf(() => readApiConfig({ DATABASE_URL, JWT_SECRET, JWT_JWKS_URL: 'https://issuer/jwks' })),
  ).toEqual(['JWT_SECRET and JWT_JWKS_URL exclude each other; unset one of them']);
});

test('a JWKS URL that is none is reported, and no secret asked for', () => {
  expect(mistakesOf(() => readApiConfig({ DATABASE_URL, JWT_JWKS_URL: 'issuer' }))).toEqual([
    expect.stringMatching(/^JWT_JWKS_URL must be a URL like https:/),
  ]);
});

test.each([
  ['in front of the host', 'mysql://me:hunter2@db/crm'],
  ['with an @ in it', 'mysql://me:hunter2@hunter2@db/crm'],
  ['in the query', 'mysql://db/crm?password=hunter2'],
  ['as all there is', 'hunter2'],
  ['in a URL cut short', 'me:hunter2@db/crm'],
  ['beside a bad port', 'postgres://me:hunter2@db:port/crm'],
])('a password in a wrong URL is not shown: %s', (_where, url) => {
  const [mistake] = mistakesOf(() => readMigrateConfig({ DATABASE_URL: url }));

  expect(mistake).toMatch(/^DATABASE_URL must be a URL/);
  expect(mistake).not.toContain('hunter2');
});

test('a secret that is too short is not shown', () => {
  const [mistake] = mistakesOf(() => readApiConfig({ DATABASE_URL, JWT_SECRET: 'hunter2' }));

  expect(mistake).not.toContain('hunter2');
});

test.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['LANE', 'LANES'],
  ['LNAES', 'LANES'],
  ['READAHEAD', 'READ_AHEAD'],
  ['JWT_SECRETS', 'JWT_SECRET'],
  ['log_level', 'LOG_LEVEL'],
])('%s is taken for a misspelled %s', (written, meant) => {
  expect(mistakesOf(() => readStartConfig({ [written]: '8' }))).toEqual([
    `${written} is no variable of issue-intake; did you mean ${meant}?`,
  ]);
});

test('a name like one of ours is no mistake where ours is set, nor is any other name', () => {
  const environment = { LANES: '8', LANE: '9', HOME: '/root', USER: 'me', LANG: 'C', npm_config_port: '1' };

  expect(readStartConfig(environment).lanes).toBe(8);
});

test('the limit of a user is a number with a burst of five times that, or off', () => {
  const limit = (RATE_LIMIT: string) => readStartConfig({ RATE_LIMIT }).userLimit;

  expect(limit('3')).toEqual({ perSecond: 3, burst: 15 });
  expect(limit('off')).toBeUndefined();
  expect(mistakesOf(() => limit('0'))).toEqual([
    'RATE_LIMIT must be a whole number from 1 to 100000, or off, not "0"',
  ]);
});

test.each([
  ['off', undefined],
  ['2', 2],
  ['10.0.0.0/8, ::1,192.168.0.1', ['10.0.0.0/8', '::1', '192.168.0.1']],
])('proxies are trusted by number or by name: %s', (TRUST_PROXY, trusted) => {
  expect(readStartConfig({ TRUST_PROXY }).trustProxy).toEqual(trusted);
});

test.each(['0', '10', 'true', 'proxy', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', '10.0.0/8', '1,10.0.0.1'])(
  '%s is no way to trust a proxy',
  TRUST_PROXY => {
    expect(mistakesOf(() => readStartConfig({ TRUST_PROXY }))).toEqual([
      expect.stringMatching(/^TRUST_PROXY must be off, the number of proxies/),
    ]);
  },
);

test('origins are a list', () => {
  const { corsOrigins } = readStartConfig({ CORS_ORIGINS: 'https://crm.example, http://localhost:5173,' });

  expect(corsOrigins).toEqual(['https://crm.example', 'http://localhost:5173']);
});

test.each([
  '*',
  'null',
  'crm.example',
  'https://crm.example/',
  'https://*.example',
  'https://crm.example:443',
])('%s is no origin', origin => {
  const { length } = mistakesOf(() => readStartConfig({ CORS_ORIGINS: `https://a.example,${origin}` }));
  expect(length).toBe(1);
});

test('traces are off, unless there is a collector to send them to', () => {
  const needed = { DATABASE_URL, JWT_SECRET };
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318';
  const sampling = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.05' };

  expect(readApiConfig(needed).tracing).toBeUndefined();
  expect(readApiConfig({ ...needed, ...sampling }).tracing).toBeUndefined();
  expect(readApiConfig({ ...needed, OTEL_EXPORTER_OTLP_ENDPOINT }).tracing).toEqual({
    serviceName: 'issue-intake-api',
    sampler: 'parentbased_always_on',
    ratio: 1,
  });
  expect(readWorkerConfig({ ...needed, ...sampling, OTEL_TRACES_EXPORTER: 'otlp' }).tracing).toEqual({
    serviceName: 'issue-intake-worker',
    sampler: 'traceidratio',
    ratio: 0.05,
  });
  for (const off of [{ OTEL_TRACES_EXPORTER: 'none' }, { OTEL_SDK_DISABLED: 'true' }]) {
    expect(readApiConfig({ ...needed, OTEL_EXPORTER_OTLP_ENDPOINT, ...off }).tracing).toBeUndefined();
  }
});

test('a sampler that there is not, and a ratio that is none, are mistakes', () => {
  const wrong = { DATABASE_URL, OTEL_TRACES_SAMPLER: 'sometimes', OTEL_TRACES_SAMPLER_ARG: '7' };

  expect(mistakesOf(() => readWorkerConfig(wrong))).toEqual([
    expect.stringContaining('OTEL_TRACES_SAMPLER must be one of always_on'),
    'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not "7"',
  ]);
});
