import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/* What organizations run: it takes every webhook, and answers at once. */

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204).end());
});
await once(server.listen(0, '127.0.0.1'), 'listening');
process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
process.once('SIGTERM', () => process.exit(0));
