import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** The network to a Redis on which connections that wait for jobs can hang, while all others work. */
export interface BlockingProxy {
  readonly url: string;
  /**
   * From now on nothing more comes through any connection that has waited for
   * jobs, nor through the next `newcomers` that are opened. None is closed.
   */
  freezeBlocking(newcomers: number): void;
  /** How many connections have waited for jobs. */
  readonly blocking: number;
  /** How many connections hang. */
  readonly frozen: number;
  close(): Promise<void>;
}

const BLOCKING_COMMAND = /bzpopmin/i;

export async function openBlockingProxy(url: string): Promise<BlockingProxy> {
  const target = new URL(url);
  const all = new Set<Socket>();
  const blocking = new Set<Freezable>();
  let newcomers = 0;
  let frozen = 0;

  const server = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname);
    const pair: Freezable = { client, upstream, isFrozen: false };
    for (const socket of [client, upstream]) {
      all.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => all.delete(socket));
    }
    client.on('data', bytes => {
      if (BLOCKING_COMMAND.test(bytes.toString('latin1'))) blocking.add(pair);
      if (!pair.isFrozen) upstream.write(bytes);
    });
    upstream.on('data', bytes => {
      if (!pair.isFrozen) client.write(bytes);
    });
    // A network that hangs passes no end on either.
    client.on('close', () => pair.isFrozen || upstream.destroy());
    upstream.on('close', () => pair.isFrozen || client.destroy());
    if (newcomers > 0) {
      newcomers--;
      freeze(pair);
    }
  });
  const freeze = (pair: Freezable) => {
    if (!pair.isFrozen) frozen++;
    pair.isFrozen = true;
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String(address.port);
  return {
    url: own.href,
    freezeBlocking(count) {
      newcomers = count;
      for (const pair of blocking) freeze(pair);
    },
    get blocking() {
      return blocking.size;
    },
    get frozen() {
      return frozen;
    },
    async close() {
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Freezable {
  readonly client: Socket;
  readonly upstream: Socket;
  isFrozen: boolean;
}
