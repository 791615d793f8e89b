import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, it, onTestFinished } from 'vitest';
import { QueueUnavailableError } from '../../src/errors.ts';
import { openApp } from '../api/support/open-app.ts';
import { bearer } from '../api/support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { traceInMemory } from './support.ts';

const BODY = { organizationId: crypto.randomUUID(), title: 'The tap drips' };

/** The span of a raise that goes wrong. */
async function spanOf(payload: object, failure?: Error): Promise<ReadableSpan | undefined> {
  const { tracing, spans } = traceInMemory();
  onTestFinished(() => tracing.close());
  const { app, intake } = await openApp({ tracing });
  if (failure !== undefined) {
    intake.accept = async () => {
      throw failure;
    };
  }
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { ...(await bearer('u')), 'content-type': 'application/json' };
  await fetch(`${address}/api/client/issues/raise`, {
    method: 'POST',
    headers,
    body: JSON.stringify(payload),
  });
  return (await waitFor(() => (spans().length > 0 ? spans() : undefined)))[0];
}

it.each([
  ['queue_unavailable', 503, new QueueUnavailableError()],
  ['TypeError', 500, new TypeError('the title is secret')],
])('tells on its span why a request failed: %s, and nothing more', async (kind, status, failure) => {
  const span = await spanOf(BODY, failure);

  expect(span?.attributes).toMatchObject({ 'error.type': kind, 'http.response.status_code': status });
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(JSON.stringify(span?.events)).not.toContain('secret');
});

it('does not count what the client did wrong as an error of ours', async () => {
  const span = await spanOf({ ...BODY, title: '' });

  expect(span?.attributes).toMatchObject({
    'error.type': expect.any(String),
    'http.response.status_code': 400,
  });
  expect(span?.status.code).toBe(SpanStatusCode.UNSET);
});

it('tells when its client has not waited for the answer', async () => {
  const { tracing, spans } = traceInMemory();
  onTestFinished(() => tracing.close());
  const { app, intake } = await openApp({ tracing });
  const [called, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  intake.accept = async () => {
    called.resolve();
    await answered.promise;
  };
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { ...(await bearer('u')), 'content-type': 'application/json' };
  const client = new AbortController();

  const request = fetch(`${address}/api/client/issues/raise`, {
    method: 'POST',
    headers,
    body: JSON.stringify(BODY),
    signal: client.signal,
  });
  await called.promise;
  client.abort();
  await expect(request).rejects.toThrow();
  const [span] = await waitFor(() => (spans().length > 0 ? spans() : undefined));
  answered.resolve();

  expect(span?.attributes).toMatchObject({ 'error.type': 'client_left' });
});
