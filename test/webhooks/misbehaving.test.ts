import { randomUUID } from 'node:crypto';
import { setInterval } from 'node:timers';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { makeWebhookSecret } from '../../src/webhook-secret.ts';
import { openSender, type Sent } from '../../src/webhooks/send.ts';
import { openRawReceiver, openReceiver } from './support/receiver.ts';

/*
 * Receivers that do what they should not. Each send ends, and says what went wrong.
 */

const ABORT = new AbortController().signal;
const SOON_MS = 1_000;

async function send(url: string, timeoutMs = SOON_MS): Promise<Sent> {
  const sender = openSender({ allowPrivate: true, timeoutMs });
  onTestFinished(() => sender.close());
  const message = { id: randomUUID(), body: '{}' };
  return sender.send({ url, secrets: [makeWebhookSecret()] }, message, ABORT);
}

/** Writes a piece again and again, until the connection is closed. */
function trickle(write: () => void, until: (stop: () => void) => void): void {
  const timer = setInterval(write, 20);
  until(() => clearInterval(timer));
}

const LATE = { result: 'again', reason: 'no answer within 1 s' };

test('one that takes the connection and says nothing', async () => {
  const receiver = await openRawReceiver(() => {});

  expect(await send(receiver.url)).toEqual(LATE);
  await receiver.allClosed();
});

test('one that reads the request and does not answer', async () => {
  const receiver = await openReceiver(() => {});

  expect(await send(receiver.url)).toEqual(LATE);
  await receiver.allClosed();
});

test('one whose headers trickle', async () => {
  const receiver = await openRawReceiver(socket => {
    socket.write('HTTP/1.1 200 OK\r\nx-');
    trickle(
      () => socket.write('x'),
      stop => socket.on('close', stop),
    );
  });

  expect(await send(receiver.url)).toEqual(LATE);
  await receiver.allClosed();
});

test('one whose body trickles: it ends as soon, and the status counts', async () => {
  for (const [status, result] of [[200, 'delivered'] as const, [500, 'again'] as const]) {
    const receiver = await openReceiver(response => {
      response.writeHead(status);
      trickle(
        () => response.write('x'),
        stop => response.on('close', stop),
      );
    });
    const began = performance.now();

    expect(await send(receiver.url)).toMatchObject({ result });
    expect(performance.now() - began).toBeGreaterThan(SOON_MS - 50);
    await receiver.allClosed();
  }
});

test('one that is not there', async () => {
  const sent = await send(`http://127.0.0.1:${await freePort()}/`);

  expect(sent).toEqual({ result: 'again', reason: 'it cannot be reached (ECONNREFUSED)' });
});

test('one whose name is not there', async () => {
  const sent = await send('http://nowhere.invalid/', 10_000);

  expect(sent).toMatchObject({
    result: 'again',
    reason: expect.stringMatching(/^its name cannot be resolved/),
  });
});

test('one that resets the connection, each time', async () => {
  const receiver = await openRawReceiver(socket => socket.once('data', () => socket.resetAndDestroy()));

  const sent = await send(receiver.url, 10_000);

  expect(sent).toEqual({ result: 'again', reason: 'the connection broke (ECONNRESET)' });
  expect(receiver.connections()).toBe(1);
});

test('one that closes without a word', async () => {
  const receiver = await openRawReceiver(socket => socket.end());

  expect(await send(receiver.url, 10_000)).toMatchObject({ result: 'again' });
});

test.each([
  ['at all', 'hello\r\n\r\n'],
  ['well', 'HTTP/1.1 abc\r\n\r\n'],
  ['in few words', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
])('one that does not speak HTTP %s', async (_how, text) => {
  const receiver = await openRawReceiver(socket => socket.once('data', () => socket.end(text)));

  const sent = await send(receiver.url, 10_000);

  expect(sent).toMatchObject({ result: 'again', reason: expect.stringMatching(/not HTTP \(HPE_/) });
});

test('one that wants to speak something else (101)', async () => {
  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';
  const receiver = await openRawReceiver(socket => socket.once('data', () => socket.write(upgrade)));

  expect(await send(receiver.url, 10_000)).toMatchObject({ result: 'again' });
});

test('one that breaks off in its answer: the status counts', async () => {
  const begun = 'HTTP/1.1 204 No Content\r\ncontent-length: 100\r\n\r\nhalf';
  const ok = begun.replace('204 No Content', '200 OK');
  const receiver = await openRawReceiver(socket => socket.once('data', () => socket.end(ok)));

  expect(await send(receiver.url, 10_000)).toEqual({ result: 'delivered' });
});

test('one that closes an idle connection just as it is used: sent again at once, with the same id', async () => {
  const bodies: string[] = [];
  const receiver = await openRawReceiver((socket, place) => {
    socket.once('data', first => {
      bodies.push(`${place}: ${idIn(first)}`);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.once('data', second => {
        bodies.push(`${place}: ${idIn(second)}`);
        socket.resetAndDestroy();
      });
    });
  });
  const sender = openSender({ allowPrivate: true });
  onTestFinished(() => sender.close());
  const to = { url: receiver.url, secrets: [makeWebhookSecret()] };

  const first = await sender.send(to, { id: 'a', body: '{}' }, ABORT);
  const second = await sender.send(to, { id: 'b', body: '{}' }, ABORT);

  expect([first, second]).toEqual([{ result: 'delivered' }, { result: 'delivered' }]);
  expect(bodies).toEqual(['1: a', '1: b', '2: b']);
});

function idIn(request: Buffer): string | undefined {
  return /webhook-id: (\w+)/.exec(request.toString('latin1'))?.[1];
}
