import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which Linux takes ports for outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;

/**
 * A free port that stays free while its server is down for a moment: no
 * outgoing connection of anybody is given it.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const server = createServer();
    try {
      const listening = once(server, 'listening');
      server.listen(port, '127.0.0.1');
      await listening;
      return port;
    } catch {
      // Somebody has it; another one.
    } finally {
      server.close();
    }
  }
}
