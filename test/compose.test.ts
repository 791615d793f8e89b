import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readApiConfig, readMigrateConfig, readWorkerConfig } from '../src/config.ts';
import { VARIABLES } from '../src/config-variables.ts';
import { readWebhooksConfig } from '../src/config-webhooks.ts';
import { composeWith, SECRETS, serviceOf } from './support/compose-file.ts';

/*
 * What docker-compose.yml says is held against the program: the commands, the
 * variables, the order of starting.
 */

const ROLES = {
  api: readApiConfig,
  worker: readWorkerConfig,
  webhooks: readWebhooksConfig,
  migrate: readMigrateConfig,
};

test('the compose file has two APIs, two workers, both stores, one migration and the way in', () => {
  const { services: all, volumes } = composeWith(SECRETS);
  const services = Object.fromEntries(Object.entries(all).filter(([, { profiles }]) => !profiles));

  expect(Object.keys(services).sort()).toEqual([
    'api',
    'migrate',
    'postgres',
    'proxy',
    'redis',
    'webhooks',
    'worker',
  ]);
  expect(services.api?.deploy?.replicas).toBe(2);
  expect(services.worker?.deploy?.replicas).toBe(2);
  expect(Object.keys(volumes).sort()).toEqual([
    'grafana-data',
    'postgres-data',
    'prometheus-data',
    'redis-data',
  ]);
  expect(services.redis?.volumes).toEqual(['redis-data:/data']);
  expect(services.postgres?.volumes).toEqual(['postgres-data:/var/lib/postgresql']);
});

test('each service of ours runs a role of main.ts that package.json names too', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const usage = spawnSync(process.execPath, ['src/main.ts'], { encoding: 'utf8' }).stderr;

  for (const role of Object.keys(ROLES)) {
    expect(serviceOf(role)).toMatchObject({ build: '.', command: ['node', 'src/main.ts', role] });
    expect(usage.trim().split(/[ |]+/)).toContain(role);
    expect(scripts[role]).toBe(`exec node src/main.ts ${role}`);
  }
});

test.each(Object.entries(ROLES))('the role %s takes the environment of its service', (role, read) => {
  const { environment = {} } = serviceOf(role);

  const config = read(environment);

  expect(Object.keys(environment).filter(name => !VARIABLES.includes(name))).toEqual([]);
  expect(config).toMatchObject({
    role,
    databaseUrl: 'postgres://intake:f00d5eed@postgres:5432/intake',
    queueUrl: 'redis://:c0ffee@redis:6379',
  });
});

test('API and workers count the same lanes, whatever LANES says', () => {
  const { services } = composeWith({ ...SECRETS, LANES: '32' });

  expect(readApiConfig(services.api?.environment ?? {}).lanes).toBe(32);
  expect(readWorkerConfig(services.worker?.environment ?? {}).lanes).toBe(32);
});

test('the API listens where the proxy and the health check look for it', async () => {
  const { host, port } = readApiConfig(serviceOf('api').environment ?? {});
  const proxy = await readFile('deploy/haproxy.cfg', 'utf8');

  expect([host, port]).toEqual(['0.0.0.0', 3000]);
  expect(proxy).toContain('api:3000');
  expect(proxy).toContain('bind :3000');
});

test('tokens may come from an issuer with a JWKS, and the dashboard is off without a password', () => {
  const issuer = { JWT_SECRET: '', JWT_JWKS_URL: 'https://issuer.example/jwks' };
  const { services } = composeWith({ ...SECRETS, ...issuer });

  const config = readApiConfig(services.api?.environment ?? {});

  expect(config.tokens.key).toEqual({ jwksUrl: 'https://issuer.example/jwks' });
  expect(config.admin).toBeUndefined();
});

test.each(Object.keys(SECRETS))('nothing starts without %s', secret => {
  const others = Object.fromEntries(Object.entries(SECRETS).filter(([name]) => name !== secret));

  expect(() => composeWith(others)).toThrow(secret);
});

test('each service starts when what it needs is healthy, and the API when the database is migrated', () => {
  const { services } = composeWith(SECRETS);
  const gates = Object.fromEntries(
    Object.entries(services).map(([name, { depends_on = {} }]) => [
      name,
      Object.fromEntries(Object.entries(depends_on).map(([needed, { condition }]) => [needed, condition])),
    ]),
  );

  const whenStoresAreReady = { migrate: 'service_completed_successfully', redis: 'service_healthy' };
  expect(gates).toEqual({
    api: whenStoresAreReady,
    worker: whenStoresAreReady,
    webhooks: whenStoresAreReady,
    migrate: { postgres: 'service_healthy' },
    proxy: { api: 'service_healthy' },
    redis: {},
    postgres: {},
    prometheus: {},
    grafana: {},
  });
});

test('whoever is waited for to be healthy has a health check', () => {
  const { services } = composeWith(SECRETS);

  expect(services.redis?.healthcheck).toHaveProperty('test');
  expect(services.postgres?.healthcheck).toHaveProperty('test');
  // The API's is the image's; what has no port to ask has none.
  expect(services.api?.healthcheck).toBeUndefined();
  expect(services.worker?.healthcheck).toEqual({ disable: true });
  expect(services.webhooks?.healthcheck).toEqual({ disable: true });
  expect(services.migrate?.healthcheck).toEqual({ disable: true });
});

test('only the proxy and Grafana are published, to this machine alone unless HOST says otherwise', () => {
  const { services } = composeWith(SECRETS);
  const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);

  expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
    ['proxy', ['127.0.0.1:3000:3000']],
    ['grafana', ['127.0.0.1:3001:3000']],
  ]);
  expect(composeWith({ ...SECRETS, HOST: '0.0.0.0', PORT: '80' }).services.proxy?.ports).toEqual([
    '0.0.0.0:80:3000',
  ]);
});

test('services are started again after a crash, and given more time to close than the 10 s they need', () => {
  const { migrate, ...others } = composeWith(SECRETS).services;

  expect(migrate?.restart).toBe('no');
  for (const { restart, stop_grace_period = '' } of Object.values(others)) {
    expect(restart).toBe('unless-stopped');
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(10);
  }
});

test('Redis writes to disk every second, evicts nothing, and asks for its password', () => {
  const { command, environment } = serviceOf('redis');

  expect(command?.join(' ')).toBe(
    'redis-server --appendonly yes --appendfsync everysec --maxmemory-policy noeviction --requirepass c0ffee',
  );
  expect(environment).toEqual({ REDISCLI_AUTH: 'c0ffee' });
});

test('the profile observability has Prometheus and Grafana, with files that are there', () => {
  const { services } = composeWith(SECRETS);
  const observing = Object.entries(services).filter(([, { profiles }]) => profiles);

  expect(observing.map(([name, { profiles }]) => [name, profiles])).toEqual([
    ['prometheus', ['observability']],
    ['grafana', ['observability']],
  ]);
  for (const mount of observing.flatMap(([, { volumes = [] }]) => volumes)) {
    const [source = ''] = mount.split(':');
    if (source.startsWith('.'))
      expect({ source, isThere: existsSync(source) }).toEqual({ source, isThere: true });
  }
});

test('Prometheus asks each process where it answers, and the proxy lets nobody else', async () => {
  const scraped = parse(await readFile('deploy/prometheus/prometheus.yml', 'utf8')).scrape_configs;
  const places = scraped.flatMap((job: { dns_sd_configs: { names: string[]; port: number }[] }) =>
    job.dns_sd_configs.map(({ names, port }) => [...names, port]),
  );
  const { metricsPort } = readWorkerConfig(serviceOf('worker').environment ?? {});
  const { port } = readApiConfig(serviceOf('api').environment ?? {});

  expect(places).toEqual([
    ['api', port],
    ['worker', metricsPort],
    ['webhooks', metricsPort],
  ]);
  // The image has HOST=0.0.0.0, and the service none of its own.
  expect(await readFile('Dockerfile', 'utf8')).toContain('HOST=0.0.0.0');
  expect(serviceOf('worker').environment).not.toHaveProperty('HOST');
  expect(await readFile('deploy/haproxy.cfg', 'utf8')).toMatch(
    /return status 404 if \{ path,url_dec .* \/metrics/,
  );
});
