import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface TcpProxy {
  /** `url` with the proxy's address in it. */
  readonly url: string;
  /** Breaks every connection, and refuses new ones until `mend`. */
  cut(): void;
  /** Keeps every connection, and lets nothing through until `mend`. */
  freeze(): void;
  /** Lets everything through `ms` milliseconds late, piece by piece, until `mend`. */
  slow(ms: number): void;
  mend(): void;
  /** Leads new connections to another server. */
  retarget(url: string): void;
  close(): Promise<void>;
}

/** The network between a process and a server, for tests to trouble. */
export async function openTcpProxy(url: string): Promise<TcpProxy> {
  let target = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const gate = new Gate();

  const server = createServer(client => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(gate.passage()).pipe(to);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String(address.port);
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: own.href,
    cut() {
      isCut = true;
      destroyAll();
    },
    freeze: () => gate.shut(),
    slow: ms => gate.delay(ms),
    mend() {
      isCut = false;
      gate.open();
    },
    retarget(next) {
      target = new URL(next);
    },
    async close() {
      destroyAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What all pieces have to pass, in both directions. Those that came while it was shut pass when it opens. */
class Gate {
  #isShut = false;
  #delayMs = 0;
  #held: (() => void)[] = [];

  shut(): void {
    this.#isShut = true;
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  open(): void {
    this.#isShut = false;
    this.#delayMs = 0;
    for (const pass of this.#held.splice(0)) pass();
  }

  passage(): Transform {
    return new Transform({ transform: (piece, _, done) => this.#pass(() => done(null, piece)) });
  }

  #pass(pass: () => void): void {
    if (this.#isShut) this.#held.push(pass);
    else if (this.#delayMs > 0) setTimeout(pass, this.#delayMs);
    else pass();
  }
}
