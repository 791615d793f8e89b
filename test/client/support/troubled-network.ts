import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What the network does to a request. Undefined: passes it on, and the answer back. */
export type Trouble =
  /** The request arrives; the connection breaks when its answer comes. */
  | 'lose the answer'
  /** Nobody ever answers. */
  | 'hang'
  /** The answer begins, and then nothing more comes. */
  | 'hold the body back'
  /** The answer breaks off after its first piece. */
  | 'cut the body'
  /** Something in between answers by itself. */
  | { status: number; headers?: Record<string, string>; body?: string };

export interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Performance time, in ms. */
  readonly at: number;
  /** Resolves when the client has let go of the connection or has all of the answer. */
  readonly over: Promise<unknown>;
}

/** Between client and API: troubles requests, by the order in which they come. */
export interface TroubledNetwork {
  readonly url: string;
  /** All requests so far. */
  readonly seen: readonly Seen[];
  /** Decides on each request from now on; `nth` counts from 0 since this was said. */
  trouble(decide: (path: string, nth: number) => Trouble | undefined): void;
  /** Breaks every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function openTroubledNetwork(target: string): Promise<TroubledNetwork> {
  const seen: Seen[] = [];
  let decide: (path: string, nth: number) => Trouble | undefined = () => undefined;
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    seen.push({ path, headers: incoming.headers, at: performance.now(), over: once(outgoing, 'close') });
    treat(target, incoming, outgoing, decide(path, count++));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the network has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    trouble(next) {
      decide = next;
      count = 0;
    },
    cut: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function treat(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  trouble: Trouble | undefined,
): void {
  if (trouble === 'hang') return;
  if (typeof trouble === 'object') {
    incoming.resume();
    outgoing.writeHead(trouble.status, trouble.headers ?? {}).end(trouble.body ?? '');
    return;
  }
  const { method = 'GET', headers, url = '/' } = incoming;
  const upstream = request(new URL(url, target), { method, headers, agent: false });
  incoming.pipe(upstream);
  outgoing.on('close', () => upstream.destroy());
  upstream.on('error', () => outgoing.destroy());
  upstream.on('response', answer => {
    answer.on('error', () => {});
    if (trouble === 'lose the answer') {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
    if (trouble === 'cut the body')
      answer.once('data', piece => outgoing.write(piece, () => outgoing.destroy()));
    else if (trouble !== 'hold the body back') answer.pipe(outgoing);
  });
}
