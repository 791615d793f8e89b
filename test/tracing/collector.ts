import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

/** What exporters send to, as OTLP over HTTP: keeps what came to /v1/traces. */
export interface Collector {
  readonly url: string;
  /** Whether something that came holds these bytes. */
  hasHeard(bytes: Buffer): boolean;
}

export async function startCollector(): Promise<Collector> {
  const heard: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (request.url === '/v1/traces') heard.push(Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port was expected');
  return {
    url: `http://127.0.0.1:${address.port}`,
    hasHeard: bytes => heard.some(each => each.includes(bytes)),
  };
}
