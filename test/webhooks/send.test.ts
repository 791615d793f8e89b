import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { makeWebhookSecret } from '../../src/webhook-secret.ts';
import { openSender, type Sender, type SenderOptions, type Sent } from '../../src/webhooks/send.ts';
import { makeCertificates } from '../support/certificates.ts';
import { openReceiver, type Receiver, trust } from './support/receiver.ts';

const ABORT = new AbortController().signal;

function open(options: Partial<SenderOptions> = {}): Sender {
  const sender = openSender({ allowPrivate: true, ...options });
  onTestFinished(() => sender.close());
  return sender;
}

function send(sender: Sender, { url }: Pick<Receiver, 'url'>, body = '{"title":"Grüße 😀"}'): Promise<Sent> {
  return sender.send({ url, secrets: [makeWebhookSecret()] }, { id: randomUUID(), body }, ABORT);
}

test('a receiver gets the body with headers that another implementation verifies, for each secret', async () => {
  const receiver = await openReceiver();
  const secrets = [makeWebhookSecret(), makeWebhookSecret()];
  const id = randomUUID();
  const body = '{"title":"Grüße 😀"}';

  const sent = await open().send({ url: receiver.url, secrets }, { id, body }, ABORT);

  expect(sent).toEqual({ result: 'delivered' });
  const [received] = receiver.received;
  expect(received).toMatchObject({ method: 'POST', url: '/hooks?of=crm', body });
  expect(received?.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': expect.stringMatching(/^issue-intake\/\d+\.\d+\.\d+$/),
    'webhook-id': id,
    'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/),
  });
  const headers = headersOf(received?.headers ?? {});
  for (const secret of secrets) {
    expect(new Webhook(secret).verify(received?.body ?? '', headers)).toEqual(JSON.parse(body));
  }
  expect(() => new Webhook(makeWebhookSecret()).verify(body, headers)).toThrow('signature');
  expect(() => new Webhook(secrets[0] ?? '').verify(body.replace('😀', '🙁'), headers)).toThrow();
});

function headersOf(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

test('each try says its own time, and the same id', async () => {
  let now = Date.parse('2026-11-29T12:00:00.900Z');
  const receiver = await openReceiver(response => response.writeHead(500).end());
  const sender = open();
  const message = { id: randomUUID(), body: '{}' };
  const to = { url: receiver.url, secrets: [makeWebhookSecret()] };
  const realNow = Date.now;
  Date.now = () => now;
  onTestFinished(() => {
    Date.now = realNow;
  });

  await sender.send(to, message, ABORT);
  now += 5_000;
  await sender.send(to, message, ABORT);

  const [one, other] = receiver.received.map(({ headers }) => headers);
  expect(one?.['webhook-timestamp']).toBe('1795953600');
  expect(other?.['webhook-timestamp']).toBe('1795953605');
  expect(other?.['webhook-id']).toBe(one?.['webhook-id']);
  expect(other?.['webhook-signature']).not.toBe(one?.['webhook-signature']);
});

test('secrets are written as the standard has it, with 32 bytes of their own', () => {
  const secrets = Array.from({ length: 100 }, makeWebhookSecret);

  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
});

test.each([200, 201, 202, 204, 299])('%d is delivered', async status => {
  const receiver = await openReceiver(response => response.writeHead(status).end());

  expect(await send(open(), receiver)).toEqual({ result: 'delivered' });
});

test.each<[number, Record<string, string>, object]>([
  [400, {}, { reason: 'answered 400' }],
  [401, {}, { reason: 'answered 401' }],
  [404, {}, { reason: 'answered 404' }],
  [429, { 'retry-after': '7' }, { reason: 'answered 429', afterMs: 7_000 }],
  [500, {}, { reason: 'answered 500' }],
  [503, { 'retry-after': '86400' }, { reason: 'answered 503', afterMs: 3_600_000 }],
  [503, { 'retry-after': 'tomorrow' }, { reason: 'answered 503' }],
])('%d is to be sent again, after the time that it asks for: %o', async (status, headers, expected) => {
  const receiver = await openReceiver(response => response.writeHead(status, headers).end('Not now.'));

  expect(await send(open(), receiver)).toEqual({ result: 'again', ...expected });
});

test('the time to wait may be a date', async () => {
  const date = new Date(Date.now() + 60_000).toUTCString();
  const receiver = await openReceiver(response => response.writeHead(503, { 'retry-after': date }).end());

  const sent = await send(open(), receiver);

  expect(sent).toEqual({ result: 'again', reason: 'answered 503', afterMs: expect.any(Number) });
  expect('afterMs' in sent && sent.afterMs).toBeGreaterThan(50_000);
  expect('afterMs' in sent && sent.afterMs).toBeLessThanOrEqual(60_000);
});

test('410 is the end of it', async () => {
  const receiver = await openReceiver(response => response.writeHead(410).end());

  expect(await send(open(), receiver)).toEqual({ result: 'gone', reason: 'answered 410: it wants no more' });
});

test.each([300, 301, 302, 303, 307, 308])('a redirect (%d) is not followed', async status => {
  const elsewhere = await openReceiver();
  const receiver = await openReceiver(response =>
    response.writeHead(status, { location: elsewhere.url }).end(),
  );

  const reason = `answered ${status}; redirects are not followed`;
  expect(await send(open(), receiver)).toEqual({ result: 'again', reason });
  expect(elsewhere.connections()).toBe(0);
});

test('what comes before the answer (103) is no answer', async () => {
  const receiver = await openReceiver(response => {
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.writeHead(500).end();
  });

  expect(await send(open(), receiver)).toEqual({ result: 'again', reason: 'answered 500' });
});

test('by https, to one whose certificate is trusted, and to no other', async () => {
  const certificates = await makeCertificates();
  const receiver = await openReceiver(undefined, certificates);

  const before = await send(open(), receiver);
  await trust(certificates.ca);
  const after = await send(open(), receiver);

  const reason = 'its TLS certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)';
  expect(before).toEqual({ result: 'again', reason });
  expect(after).toEqual({ result: 'delivered' });
  expect(receiver.received).toHaveLength(1);
});

test('one after the other goes by one connection, and some at once by as many', async () => {
  const receiver = await openReceiver(response => response.end('thank you'));
  const sender = open();

  for (let place = 0; place < 50; place += 1) await send(sender, receiver);
  expect(receiver.connections()).toBe(1);
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 16 }, () => send(sender, receiver)));
  }

  expect(receiver.connections()).toBeLessThanOrEqual(16);
  expect(receiver.received).toHaveLength(50 + 160);
});

test('a long answer is not read to its end, and changes nothing', async () => {
  const receiver = await openReceiver(response => {
    response.writeHead(200);
    const pour = () => {
      while (response.write('x'.repeat(64 * 1024)));
    };
    response.on('drain', pour);
    pour();
  });

  // Long after the test has failed.
  expect(await send(open({ timeoutMs: 60_000 }), receiver)).toEqual({ result: 'delivered' });
  await receiver.allClosed();
});

test('what is stopped ends at once, and leaves nothing behind', async () => {
  const stop = new AbortController();
  const receiver = await openReceiver(() => stop.abort());
  const to = { url: receiver.url, secrets: [makeWebhookSecret()] };
  const sender = open();

  const sent = await sender.send(to, { id: randomUUID(), body: '{}' }, stop.signal);
  const later = await sender.send(to, { id: randomUUID(), body: '{}' }, stop.signal);

  expect([sent, later]).toEqual([
    { result: 'again', reason: 'stopped' },
    { result: 'again', reason: 'stopped' },
  ]);
  await receiver.allClosed();
  expect(receiver.received).toHaveLength(1);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('many may be sent under one signal', async () => {
  const receiver = await openReceiver();
  const sender = open();
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));

  const all = await Promise.all(Array.from({ length: 100 }, () => send(sender, receiver)));

  expect(all.every(({ result }) => result === 'delivered')).toBe(true);
  expect(warnings).toEqual([]);
  expect(getEventListeners(ABORT, 'abort')).toEqual([]);
});

test('closing ends what is being sent', async () => {
  const sender = openSender({ allowPrivate: true });
  const receiver = await openReceiver(() => sender.close());

  expect(await send(sender, receiver)).toMatchObject({ result: 'again' });
});
