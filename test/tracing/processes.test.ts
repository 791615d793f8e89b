import { pathToFileURL } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, it, onTestFinished } from 'vitest';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { ORGANIZATION_A } from '../support/submissions.ts';
import { TOKEN_SECRET, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { startCollector } from './collector.ts';
import { aTraceparent } from './support.ts';

const PRELOAD = pathToFileURL('test/tracing/loaded-modules.ts').href;

/** An API and a worker, each a process of its own, through which one issue goes. */
async function raiseThroughProcesses(environment: Record<string, string>, headers: Record<string, string>) {
  const { url: databaseUrl } = await freshDatabase();
  await rows(databaseUrl, `insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A')`);
  const everywhere = {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: await freshRedisUrl(),
    LANES: '1',
    NODE_OPTIONS: `--import=${PRELOAD}`,
    ...environment,
  };
  const api = startProduct('api', { ...everywhere, PORT: '0', JWT_SECRET: TOKEN_SECRET });
  const worker = startProduct('worker', everywhere);
  onTestFinished(async () => {
    await Promise.all([api, worker].map(each => each.end('SIGKILL')));
  });
  await worker.line(line => line.includes('running these lanes'));

  const response = await fetch(`${await addressOf(api)}/api/client/issues/raise`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await tokenOf('u')}`,
      prefer: 'wait=20',
      ...headers,
    },
    body: JSON.stringify({ organizationId: ORGANIZATION_A, title: 'The tap drips' }),
  });
  expect(response.status).toBe(201);
  return { api, worker, response };
}

async function addressOf(api: ProductProcess): Promise<string> {
  const line = await api.line(text => text.includes('"msg":"listening"'));
  return Value.Parse(Type.Object({ address: Type.String() }), JSON.parse(line)).address;
}

/** Of OpenTelemetry's modules; prom-client loads its small API by itself, in any case. */
function loadedBy({ lines }: ProductProcess): string[] {
  return lines.filter(line => line.startsWith('loaded ') && !line.includes('@opentelemetry/api/'));
}

it('loads nothing of OpenTelemetry where tracing is off', async () => {
  const { traceparent } = aTraceparent();

  const { api, worker, response } = await raiseThroughProcesses({}, { traceparent });

  expect([...loadedBy(api), ...loadedBy(worker)]).toEqual([]);
  expect(response.headers.get('traceresponse')).toBeNull();
});

it('sends what both processes did to the collector, at the latest when they end', async () => {
  const collector = await startCollector();
  const { traceId, traceparent } = aTraceparent();
  const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };

  const { api, worker } = await raiseThroughProcesses(tracing, { traceparent });
  const codes = await Promise.all([api.end('SIGTERM'), worker.end('SIGTERM')]);

  expect(codes).toEqual([0, 0]);
  expect(loadedBy(api).length).toBeGreaterThan(0);
  expect(collector.hasHeard(Buffer.from(traceId, 'hex'))).toBe(true);
  for (const text of ['issue-intake-api', 'issue-intake-worker', 'unit of work', '/issues/raise']) {
    expect(collector.hasHeard(Buffer.from(text))).toBe(true);
  }
});

it('works, and ends in time, when the collector is away', async () => {
  const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

  const { api, worker } = await raiseThroughProcesses(nobody, {});
  const codes = await Promise.all([api.end('SIGTERM'), worker.end('SIGTERM')]);

  expect(codes).toEqual([0, 0]);
  await waitFor(() => api.lines.some(line => line.includes('"msg":"traces"')));
});
