import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Certificates } from '../../support/certificates.ts';
import { waitFor } from '../../support/wait-for.ts';

/*
 * Real receivers of webhooks, of one test each.
 */

export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** How many have been made until now. */
  readonly connections: () => number;
  /** Resolves when none is open. */
  readonly allClosed: () => Promise<unknown>;
}

type Answer = (response: ServerResponse, received: Received, place: number) => void;

/** Answers 200 at once. */
const well: Answer = response => void response.end();

/** One that reads each request to its end, and then answers as it is told. */
export async function openReceiver(answer: Answer = well, certificates?: Certificates): Promise<Receiver> {
  const received: Received[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    const body = await textOf(request);
    received.push({ method, url, headers, body });
    answer(response, { method, url, headers, body }, received.length);
  };
  const server =
    certificates === undefined
      ? createServer(listener)
      : createHttpsServer(
          { key: await readFile(certificates.key), cert: await readFile(certificates.certificate) },
          listener,
        );
  const { port, ...watched } = await listen(server);
  const scheme = certificates === undefined ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${port}/hooks?of=crm`, received, ...watched };
}

/** One that speaks no HTTP by itself: it does what it is told with each connection. */
export async function openRawReceiver(serve: (socket: Socket, place: number) => void): Promise<Receiver> {
  let place = 0;
  const server = createTcpServer(socket => {
    socket.on('error', () => {});
    // Otherwise it would not see that the other side is gone.
    socket.resume();
    place += 1;
    serve(socket, place);
  });
  const { port, ...watched } = await listen(server);
  return { url: `http://127.0.0.1:${port}/hooks`, received: [], ...watched };
}

async function listen(server: Server) {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    port: address.port,
    connections: () => connections,
    allClosed: () => waitFor(() => sockets.size === 0),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** Makes this process trust an authority until the test is over. */
export async function trust(ca: string): Promise<void> {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, await readFile(ca, 'utf8')]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}
