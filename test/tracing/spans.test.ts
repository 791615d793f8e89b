import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { laneQueueName } from '../../src/lanes.ts';
import { JOB_NAME, openQueueStore } from '../../src/queue-store.ts';
import { runWorker } from '../../src/run-worker.ts';
import { Shutdown } from '../../src/shutdown.ts';
import { dataOf } from '../../src/submission.ts';
import { rows } from '../support/rows.ts';
import { aSubmission } from '../support/submissions.ts';
import { type StoreKind, type System, startSystem } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';
import { aTraceparent, type TracedProcess, traceInMemory } from './support.ts';

const RAISE = 'POST /api/client/issues/raise';
const log = pino({ level: 'silent' });
const STORES: StoreKind[] = ['redis', 'postgres'];

describe.for(STORES)('on the %s store', kind => {
  let traced: TracedProcess;
  let system: System;
  let shutdown: Shutdown;

  beforeEach(() => {
    traced = traceInMemory();
    shutdown = new Shutdown(log);
  });
  afterEach(async () => {
    await shutdown.closeAll('the test is over');
    await system.close();
    await traced.tracing.close();
  });

  /** One lane; its worker comes later, so that what is raised before is one batch. */
  async function setup(): Promise<string> {
    const { tracing } = traced;
    system = await startSystem(kind, { lanes: 1, withWorker: false, tracing });
    return system.addOrganization();
  }

  async function startWorker(): Promise<void> {
    const { tracing } = traced;
    const { queueUrl, orm } = system;
    const options = { queueUrl, orm, lanes: 1, readAhead: 32, refuseVolatile: false };
    await runWorker({ ...options, log, shutdown, tracing });
  }

  async function raise(organization: string, body: object, headers: Record<string, string> = {}) {
    const answer = await system.raise('the-user', organization, body, { prefer: 'wait=0', ...headers });
    return { id: String(answer.body.submissionId), response: answer.headers.get('traceresponse') ?? '' };
  }

  function spansOf(name: string, count: number): Promise<ReadableSpan[]> {
    return waitFor(() => {
      const found = traced.spans().filter(span => span.name === name);
      return found.length >= count ? found : undefined;
    }, 30_000);
  }

  it('leads one trace from the request over the job to the unit of work', async () => {
    const organization = await setup();
    const client = aTraceparent();

    const { id, response } = await raise(organization, {}, { traceparent: client.traceparent });
    await startWorker();

    const [request] = await spansOf(RAISE, 1);
    const [add] = await spansOf(`add ${laneQueueName({ index: 0, of: 1 })}.${JOB_NAME}`, 1);
    const [apply] = await spansOf('apply', 1);
    const [unit] = await spansOf('unit of work', 1);
    expect(request).toMatchObject({
      kind: SpanKind.SERVER,
      parentSpanContext: { spanId: client.spanId },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/client/issues/raise',
        'http.response.status_code': 202,
      },
    });
    expect(add?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(apply).toMatchObject({
      kind: SpanKind.CONSUMER,
      parentSpanContext: { spanId: add?.spanContext().spanId },
      attributes: { 'issue_intake.submission_id': id, 'issue_intake.outcome': 'applied' },
      links: [{ context: { spanId: unit?.spanContext().spanId } }],
    });
    for (const span of [request, add, apply]) expect(span?.spanContext().traceId).toBe(client.traceId);
    expect(unit?.links.map(({ context }) => context.spanId)).toEqual([add?.spanContext().spanId]);
    expect(response).toBe(`00-${client.traceId}-${request?.spanContext().spanId}-01`);
  });

  it('links a batch to each of its submissions, and tells what became of each', async () => {
    const organization = await setup();
    const applied = [await raise(organization, {}), await raise(organization, {})];
    const rejected = await raise(crypto.randomUUID(), {});

    await startWorker();

    const [unit] = await spansOf('unit of work', 1);
    const spans = await spansOf('apply', 3);
    expect(unit?.attributes).toEqual({ 'issue_intake.lane': 'lane-00-01', 'issue_intake.batch_size': 3 });
    expect(unit?.links.map(({ context }) => context.traceId)).toEqual(
      spans.map(span => span.spanContext().traceId),
    );
    expect(new Set(spans.map(span => span.spanContext().traceId)).size).toBe(3);
    expect(spans.map(({ attributes }) => attributes)).toMatchObject([
      ...applied.map(({ id }) => ({ 'issue_intake.submission_id': id, 'issue_intake.outcome': 'applied' })),
      {
        'issue_intake.submission_id': rejected.id,
        'issue_intake.outcome': 'rejected',
        'issue_intake.code': 'organization_not_found',
      },
    ]);
    expect(spans.map(({ status }) => status.code)).not.toContain(SpanStatusCode.ERROR);
  });

  it('records an error on its spans, and nothing of what people wrote or who they are', async () => {
    const organization = await setup();
    await rows(system.databaseUrl, `alter table issues add constraint no_secret check (title <> 'a secret')`);
    await raise(organization, { title: 'a secret', description: 'my words', category: 'my category' });

    await startWorker();

    const [unit] = await spansOf('unit of work', 2);
    const [apply] = await spansOf('apply', 1);
    expect(unit?.status).toEqual({ code: SpanStatusCode.ERROR, message: '23514' });
    expect(unit?.attributes).toMatchObject({ 'error.type': '23514' });
    // No message: those of the database repeat values.
    expect(unit?.events.map(({ attributes }) => attributes)).toEqual([{ 'exception.type': '23514' }]);
    expect(apply?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'unstorable' });
    const told = JSON.stringify(
      traced.spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    for (const secret of ['a secret', 'my words', 'my category', 'the-user', organization]) {
      expect(told).not.toContain(secret);
    }
  });

  it('traces nothing that its client does not want traced, and applies it', async () => {
    const organization = await setup();
    const { traceparent } = aTraceparent({ sampled: false });
    const { id } = await raise(organization, {}, { traceparent });

    await startWorker();

    const ofIt = () => rows(system.databaseUrl, `select 1 from issues where id = '${id}'`);
    await waitFor(async () => (await ofIt()).length === 1);
    const spans = traced.spans().map(({ name }) => name);
    expect(spans.filter(name => !name.startsWith('add {settings}'))).toEqual([]);
  });

  it('applies a job whose trace cannot be read', async () => {
    const organization = await setup();
    const store = openQueueStore({ url: system.queueUrl, role: 'producer', log });
    shutdown.add(() => store.close());
    const queue = store.openQueue(laneQueueName({ index: 0, of: 1 }));
    const carriers = ['no JSON', 'null', '"00-1"', '{"traceparent":7}', '{"traceparent":"00-x"}', '[]'];
    for (const metadata of carriers) {
      const { id, acceptedAt, ...submission } = aSubmission({ organizationId: organization });
      const data = dataOf({ id, acceptedAt, ...submission });
      await queue.add(JOB_NAME, data, { jobId: id, telemetry: { metadata } });
    }

    await startWorker();

    const issues = () => rows(system.databaseUrl, 'select 1 from issues');
    await waitFor(async () => (await issues()).length === carriers.length);
    expect(traced.spans().filter(({ name }) => name === 'unit of work')).toEqual([]);
  });
});
