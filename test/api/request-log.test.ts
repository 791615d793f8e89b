import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openLog } from '../../src/log.ts';
import { openEventStream } from '../support/event-stream.ts';
import { waitFor } from '../support/wait-for.ts';
import { submissionOf } from './support/domain.ts';
import { openApp } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

/** The API with a log in memory. */
async function openLoggedApp() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const opened = await openApp({ log: openLog({ level: 'info', pretty: false }, destination) });
  return { ...opened, text: () => lines.join(''), lines: () => lines.map(line => JSON.parse(line)) };
}

const RAISE = { method: 'POST', url: '/api/client/issues/raise?x=hunter2' } as const;

test('a request is one line, under its id, without a word of what the user wrote', async () => {
  const { app, text, lines } = await openLoggedApp();
  const headers = { ...(await bearer('u')), 'x-request-id': 'r1', 'idempotency-key': 'hunter2' };
  const payload = { organizationId: crypto.randomUUID(), title: 'hunter2', description: 'hunter2' };

  await app.inject({ ...RAISE, headers, payload });

  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.any(Number),
      requestId: 'r1',
      method: 'POST',
      path: '/api/client/issues/raise',
      status: 202,
      ms: expect.any(Number),
      msg: 'request',
    },
  ]);
  expect(text()).not.toContain(headers.authorization.slice(7, 20));
});

test('a refused request is one line too, without what was wrong in it', async () => {
  const { app, text, lines } = await openLoggedApp();

  await app.inject({ ...RAISE, headers: await bearer('u'), payload: { title: 7, hunter2: 'hunter2' } });

  expect(lines()).toMatchObject([{ status: 400 }]);
  expect(text()).not.toContain('hunter2');
});

test('a client that goes away in the middle of an answer is one line too', async () => {
  const { app, intake, lines } = await openLoggedApp();
  const submission = submissionOf('u', crypto.randomUUID());
  await intake.accept(submission);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const path = `/api/client/issues/submissions/${submission.id}/events`;
  const stream = await openEventStream(address + path, await bearer('u'));

  stream.leave();

  await waitFor(() => lines().some(line => line.path === path));
  const about = lines().filter(line => !line.msg.startsWith('Server listening'));
  expect(about).toMatchObject([{ method: 'GET', path, status: 200, left: true, msg: 'request' }]);
});

test('a failure is told with its cause, under the id of the request', async () => {
  const { app, intake, lines } = await openLoggedApp();
  intake.accept = async () => {
    throw new Error('broken', { cause: new Error('deep inside') });
  };
  const headers = { ...(await bearer('u')), 'x-request-id': 'r1' };

  await app.inject({ ...RAISE, headers, payload: { organizationId: crypto.randomUUID(), title: 't' } });

  expect(lines()).toMatchObject([
    { level: 'error', requestId: 'r1', err: { message: 'broken', cause: { message: 'deep inside' } } },
    { level: 'info', requestId: 'r1', status: 500 },
  ]);
});

test('health probes make no noise, unless they fail', async () => {
  const { app, intake, lines } = await openLoggedApp();

  await app.inject('/healthz');
  await app.inject('/readyz');
  expect(lines()).toEqual([]);

  intake.isAway = true;
  await app.inject('/readyz');
  expect(lines()).toMatchObject([{ level: 'error' }, { path: '/readyz', status: 503 }]);
});
