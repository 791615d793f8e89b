import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { makeWebhookSecret } from '../../src/webhook-secret.ts';
import { openSender, type Sent } from '../../src/webhooks/send.ts';
import { openNameServer } from './support/name-server.ts';
import { openRawReceiver, type Receiver } from './support/receiver.ts';

/*
 * Webhooks that should lead into a private network. A receiver waits there on
 * every loopback address, for a connection that must not come.
 */

const ABORT = new AbortController().signal;

/** Global, but given to nobody: no route leads there. */
const NOBODYS = '2fff::1';

const NOT_PUBLIC = { result: 'again', reason: 'its name leads to an address that is not public' };

async function sendTo(url: string, nameServers: readonly string[], timeoutMs = 10_000): Promise<Sent> {
  const sender = openSender({ allowPrivate: false, timeoutMs, nameServers });
  onTestFinished(() => sender.close());
  const message = { id: randomUUID(), body: '{}' };
  return sender.send({ url, secrets: [makeWebhookSecret()] }, message, ABORT);
}

function at(name: string, { url }: Receiver): string {
  return `https://${name}:${new URL(url).port}/`;
}

test.each([
  [['127.0.0.1']],
  [['10.0.0.1']],
  [['169.254.169.254']],
  [['100.64.0.1']],
  [['0.0.0.0']],
  [['::1']],
  [['::ffff:127.0.0.1']],
  [['64:ff9b::127.0.0.1']],
  [['fd00:ec2::254']],
  [['93.184.215.14', '127.0.0.1']],
  [['2606:4700:4700::1111', '127.0.0.1']],
  [['93.184.215.14', '::1']],
])('a name that leads to %j is refused before there is a connection', async addresses => {
  const names = await openNameServer(() => addresses);
  const receiver = await openRawReceiver(() => {});

  expect(await sendTo(at('crm.example', receiver), [names.address])).toEqual(NOT_PUBLIC);
  expect(receiver.connections()).toBe(0);
  expect(names.asked.toSorted()).toEqual(['A crm.example', 'AAAA crm.example']);
});

test('a name that leads elsewhere as soon as it was looked at (DNS rebinding) is looked at once', async () => {
  const names = await openNameServer(() => (names.asked.length <= 2 ? [NOBODYS] : ['127.0.0.1']));
  const receiver = await openRawReceiver(() => {});

  const first = await sendTo(at('crm.example', receiver), [names.address], 1_000);
  const asked = names.asked.length;
  const second = await sendTo(at('crm.example', receiver), [names.address]);

  expect(first).toMatchObject({ result: 'again', reason: expect.not.stringContaining('not public') });
  expect(asked).toBe(2);
  expect(second).toEqual(NOT_PUBLIC);
  expect(receiver.connections()).toBe(0);
});

test('localhost is refused, whatever the system knows of it', async () => {
  const names = await openNameServer(() => ['127.0.0.1']);
  const receiver = await openRawReceiver(() => {});

  for (const name of ['localhost', 'localhost.', 'crm.localhost']) {
    expect(await sendTo(at(name, receiver), [names.address])).toMatchObject({ result: 'again' });
  }
  expect(receiver.connections()).toBe(0);
});

test.each(['127.0.0.1', '127.1', '0x7f000001', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
  'an address in the URL is refused, although no name is looked up: %s',
  async host => {
    const receiver = await openRawReceiver(() => {});

    const sent = await sendTo(at(host, receiver), []);

    expect(sent).toEqual({ result: 'again', reason: 'its URL must not be of a private network' });
    expect(receiver.connections()).toBe(0);
  },
);

test('nor is anything sent by http, or with a password', async () => {
  const names = await openNameServer(() => [NOBODYS]);

  expect(await sendTo('http://crm.example/', [names.address])).toEqual({
    result: 'again',
    reason: 'its URL must be a URL like https://crm.example/hooks',
  });
  expect(await sendTo('https://ann:secret@crm.example/', [names.address])).toEqual({
    result: 'again',
    reason: 'its URL must not hold a user or a password',
  });
  expect(names.asked).toEqual([]);
});

test('a name that is not there, and a name server that is silent, are failures like others', async () => {
  const empty = await openNameServer(() => []);
  const silent = await openNameServer(() => undefined);

  expect(await sendTo('https://crm.example/', [empty.address])).toEqual({
    result: 'again',
    reason: 'its name cannot be resolved (ENOTFOUND)',
  });
  expect(await sendTo('https://crm.example/', [silent.address], 1_000)).toEqual({
    result: 'again',
    reason: 'no answer within 1 s',
  });
});
