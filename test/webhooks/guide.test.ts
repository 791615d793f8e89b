import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { makeWebhookSecret } from '../../src/webhooks/secret.ts';
import { openSender } from '../../src/webhooks/send.ts';
import { signedHeaders } from '../../src/webhooks/sign.ts';
import { openApp } from '../api/support/open-app.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * What docs/webhooks.md shows is carried out.
 */

const guide = await readFile('docs/webhooks.md', 'utf8');

function block(language: string): string {
  const text = new RegExp(`^\`\`\`${language}\\n(?<text>.*?)^\`\`\`$`, 'ms').exec(guide)?.groups?.text;
  if (text === undefined) throw new Error(`the guide has no ${language}`);
  return text;
}

/** The guide's receiver, as a process of its own. */
async function startReceiver(secret: string) {
  const folder = await makeTempFolder('receiver');
  onTestFinished(() => removeTempFolder(folder));
  const file = path.join(folder, 'receiver.mjs');
  await writeFile(file, block('js'));
  const port = await freePort();
  const { PATH } = process.env;
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: { PATH, PORT: String(port), WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const lines: string[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', line => lines.push(line));
  const url = `http://127.0.0.1:${port}/hooks`;
  await waitFor(() => fetch(url).catch(() => undefined));
  return { url, lines };
}

test('the receiver of the guide takes what is genuine, once, and nothing else', async () => {
  const secret = makeWebhookSecret();
  const receiver = await startReceiver(secret);
  const sender = openSender({ allowPrivate: true });
  onTestFinished(() => sender.close());
  const abort = new AbortController().signal;
  const body = JSON.stringify(JSON.parse(block('json')));
  const send = (id: string, ...secrets: string[]) =>
    sender.send({ url: receiver.url, secrets }, { id, body }, abort);
  const post = (headers: Record<string, string>, sent = body) =>
    fetch(receiver.url, { method: 'POST', headers, body: sent }).then(({ status }) => status);
  const [id, other] = [randomUUID(), randomUUID()];

  const once = await send(id, secret);
  const twice = await send(id, secret);
  const whileRotated = await send(other, makeWebhookSecret(), secret);
  const forged = await send(randomUUID(), makeWebhookSecret());
  const now = signedHeaders(randomUUID(), body, [secret], Date.now());
  const old = signedHeaders(randomUUID(), body, [secret], Date.now() - 10 * 60_000);

  expect([once, twice, whileRotated]).toEqual(Array(3).fill({ result: 'delivered' }));
  expect(forged).toEqual({ result: 'again', reason: 'answered 401' });
  expect(await post(old)).toBe(401);
  expect(await post({ ...now, 'webhook-timestamp': old['webhook-timestamp'] })).toBe(401);
  expect(await post({ ...now, 'webhook-id': randomUUID() })).toBe(401);
  expect(await post(now, body.replace('drips', 'leaks'))).toBe(401);
  expect(await post(now)).toBe(204);
  const line = `issue.applied ${JSON.parse(body).data.submissionId}`;
  await waitFor(() => receiver.lines.length >= 3);
  expect(receiver.lines).toEqual([line, line, line]);
});

test('the signature of the guide is that of its example', () => {
  const [, id = ''] = /^webhook-id: (.*)$/m.exec(guide) ?? [];
  const [, time = ''] = /^webhook-timestamp: (.*)$/m.exec(guide) ?? [];
  const [, signature = ''] = /^webhook-signature: (.*)$/m.exec(guide) ?? [];
  const [secret = ''] = /whsec_\w+/.exec(guide) ?? [];
  const body = JSON.stringify(JSON.parse(block('json')));
  vi.setSystemTime(Number(time) * 1000);
  onTestFinished(() => void vi.useRealTimers());

  const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature };
  expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
});

test('each request of the guide is a route', async () => {
  const admin = {
    user: 'admin',
    password: 'password',
    lanes: () => [],
    showContent: false,
    allowActions: true,
  };
  const { app } = await openApp({ admin });
  const named = [...guide.matchAll(/^\| `(GET|POST|PATCH|DELETE) (\S+)` \|/gm)];

  expect(named).toHaveLength(7);
  for (const [line, method = '', url = ''] of named) {
    expect({ line, isThere: app.hasRoute({ method, url }) }).toEqual({ line, isThere: true });
  }
});
