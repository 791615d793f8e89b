import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../src/embedded-postgres/free-port.ts';
import { type Certificates, makeCertificates } from './support/certificates.ts';
import { setup } from './support/embedded-postgres.ts';
import { startProduct } from './support/product-process.ts';
import { startRedis } from './support/redis-server.ts';
import { rows } from './support/rows.ts';
import { ORGANIZATION_A } from './support/submissions.ts';
import { TOKEN_SECRET, tokenOf } from './support/tokens.ts';

/** A Redis that speaks TLS only. */
async function startTlsRedis({ ca, certificate, key }: Certificates) {
  const port = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', ca];
  const redis = await startRedis({
    port,
    args: ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files],
  });
  onTestFinished(() => redis.stop());
  return `rediss://127.0.0.1:${port}`;
}

/** A PostgreSQL with TLS. @returns its URL, without a word of TLS */
async function startTlsPostgres({ certificate, key }: Certificates) {
  const { start } = await setup();
  const settings = { fsync: 'off', ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key };
  return (await start({ settings })).url;
}

function verified(url: string, ca: string): string {
  const tls = new URL(url);
  tls.hostname = 'localhost';
  tls.searchParams.set('sslmode', 'verify-full');
  tls.searchParams.set('sslrootcert', ca);
  return tls.href;
}

function start(role: string, environment: Record<string, string>) {
  const process = startProduct(role, environment);
  onTestFinished(async () => {
    await process.end('SIGKILL');
  });
  return process;
}

/** Starts an API and a worker, and raises an issue through them. @returns its status, and how both reach PostgreSQL */
async function raiseThrough(environment: Record<string, string>, plainUrl: string) {
  const PORT = String(await freePort());
  const all = { ...environment, PORT, JWT_SECRET: TOKEN_SECRET };
  await start('migrate', all).ended;
  await rows(
    plainUrl,
    `insert into organizations (id, name, active) values ('${ORGANIZATION_A}', 'A', true)`,
  );
  start('worker', all);
  await start('api', all).line(line => line.includes('"msg":"listening"'));
  const response = await fetch(`http://127.0.0.1:${PORT}/api/client/issues/raise`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenOf('u')}`,
      'content-type': 'application/json',
      prefer: 'wait=30',
    },
    body: JSON.stringify({ organizationId: ORGANIZATION_A, title: 'The tap drips' }),
  });
  const [connections] = await rows(
    plainUrl,
    `select count(*) filter (where ssl)::int as tls, count(*) filter (where not ssl)::int as plain
     from pg_stat_ssl join pg_stat_activity using (pid)
     where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  return { status: response.status, connections };
}

const ALL_TLS = { tls: expect.toSatisfy((count: number) => count > 0), plain: 0 };

test('API and workers reach Redis and PostgreSQL by TLS, with certificates of an authority of one’s own', async () => {
  const certificates = await makeCertificates();
  const plain = await startTlsPostgres(certificates);
  const environment = {
    DATABASE_URL: verified(plain, certificates.ca),
    QUEUE_URL: await startTlsRedis(certificates),
    NODE_EXTRA_CA_CERTS: certificates.ca,
  };

  expect(await raiseThrough(environment, plain)).toEqual({ status: 201, connections: ALL_TLS });
});

test('so they do when the lanes are on PostgreSQL', async () => {
  const certificates = await makeCertificates();
  const plain = await startTlsPostgres(certificates);
  const environment = { DATABASE_URL: verified(plain, certificates.ca) };

  expect(await raiseThrough(environment, plain)).toEqual({ status: 201, connections: ALL_TLS });
});

const NOT_TRUSTED = 'the server’s TLS certificate is not trusted';

test('a PostgreSQL whose certificate another authority signed is refused, in one clear line', async () => {
  const certificates = await makeCertificates();
  const plain = await startTlsPostgres(certificates);
  const migrating = start('migrate', { DATABASE_URL: verified(plain, certificates.otherCa) });

  expect(await migrating.ended).toBe(1);
  const said = migrating.lines.filter(line => line.startsWith('issue-intake migrate: '));
  expect(said).toEqual([expect.stringContaining(NOT_TRUSTED)]);
  expect(said[0]).toContain('sslrootcert');
});

test('a Redis whose certificate another authority signed is refused, and the log says why', async () => {
  const certificates = await makeCertificates();
  const QUEUE_URL = await startTlsRedis(certificates);
  const worker = start('worker', {
    DATABASE_URL: 'postgres://127.0.0.1:1/nowhere',
    QUEUE_URL,
    NODE_EXTRA_CA_CERTS: certificates.otherCa,
  });

  const line = await worker.line(each => each.includes(NOT_TRUSTED));

  expect(line).toContain('NODE_EXTRA_CA_CERTS');
});
