import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWorkerPort } from '../../src/worker-port.ts';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { asObject } from '../support/system.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

async function portOf(worker: ProductProcess): Promise<string> {
  const line = await worker.line(text => text.includes('answering /metrics'));
  return String(asObject(JSON.parse(line)).address);
}

async function startWorker(environment: Record<string, string>): Promise<ProductProcess> {
  const { url } = await freshDatabase();
  const worker = startProduct('worker', { DATABASE_URL: url, LANES: '2', METRICS_PORT: '0', ...environment });
  onTestFinished(async () => {
    await worker.end('SIGTERM');
  });
  return worker;
}

describe('a worker', () => {
  test('answers machines: it lives at once, and is ready when its lanes are open', async () => {
    const redis = await openTcpProxy(await freshRedisUrl());
    onTestFinished(() => redis.close());
    redis.cut();
    const worker = await startWorker({ QUEUE_URL: redis.url });
    const address = await portOf(worker);
    const statusOf = async (path: string) => (await fetch(address + path)).status;

    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(503);
    redis.mend();
    await waitFor(async () => (await statusOf('/readyz')) === 200);

    const answer = await fetch(`${address}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain('issue_intake_lane_owned{lane="00"} 1\nissue_intake_lane_owned{lane="01"} 1\n');
    expect(text).toContain('issue_intake_database_connections{state="open"}');
    // What an API knows is not here.
    expect(text).not.toContain('issue_intake_backlog');
    expect(await statusOf('/')).toBe(404);
    expect((await fetch(`${address}/metrics`, { method: 'POST' })).status).toBe(405);
    expect(await worker.end('SIGTERM')).toBe(0);
  });

  test('whose port is taken says so in one line, and ends', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const worker = await startWorker({ QUEUE_URL: await freshRedisUrl(), METRICS_PORT: String(port) });

    expect(await worker.ended).toBe(1);
    expect(worker.lines.filter(line => !line.startsWith('{'))).toEqual([
      `issue-intake worker: METRICS_PORT ${port} cannot be listened on at 127.0.0.1 ` +
        `(listen EADDRINUSE: address already in use 127.0.0.1:${port}); set another, or METRICS_PORT=off`,
    ]);
  });
});

test('metrics that cannot be read are an answer as well', async () => {
  const metrics = { contentType: 'text/plain', text: () => Promise.reject(new Error('broken')) };
  const port = await openWorkerPort({ host: '127.0.0.1', port: 0, metrics, isReady: () => true });
  onTestFinished(() => port.close());

  expect((await fetch(`${port.address}/metrics`)).status).toBe(500);
  expect((await fetch(`${port.address}/readyz`, { method: 'HEAD' })).status).toBe(200);
});
