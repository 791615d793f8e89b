import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/*
 * A receiver of webhooks that is not to be relied on: of its answers a third say
 * that it failed, some never come, and some are lost on the way after it has taken
 * the message. What arrives is in its file before it answers, so nothing that it
 * said it has taken is forgotten when it is killed.
 *
 * node receiver-process.ts <port> <file>
 */

const [port = '', file = ''] = process.argv.slice(2);

const FAILS = 1 / 3;
const LOSES_ANSWER = 0.02;
const HANGS = 0.002;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const chance = Math.random();
  const isTaken = chance >= FAILS + HANGS;
  const { url: path, headers } = request;
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers;
  appendFileSync(file, `${JSON.stringify({ path, id, at, signatures, body, isTaken })}\n`);
  if (chance < FAILS) response.writeHead(503).end();
  else if (chance > 1 - LOSES_ANSWER) request.socket.destroy();
  else if (isTaken) response.writeHead(204).end();
}

createServer(
  (request, response) => void take(request, response).catch(() => request.socket.destroy()),
).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
