import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { isForPeople, openLog } from '../src/log.ts';

/** A log, and all that was written into it. */
function openMemoryLog(pretty = false) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: openLog({ level: 'info', pretty }, destination), text: () => lines.join('') };
}

test('a line is JSON with its level in words', () => {
  const { log, text } = openMemoryLog();

  log.warn({ lane: 3 }, 'slow');

  expect(JSON.parse(text())).toEqual({ level: 'warn', time: expect.any(Number), lane: 3, msg: 'slow' });
});

test('in a terminal a line is words', () => {
  const { log, text } = openMemoryLog(true);

  log.warn({ lane: 3 }, 'slow');

  expect(text()).toMatch(/WARN.*slow/);
  expect(text()).not.toMatch(/^\{/);
});

test('words are for people at a terminal, outside production', () => {
  expect(isForPeople({}, true)).toBe(true);
  expect(isForPeople({}, false)).toBe(false);
  expect(isForPeople({ NODE_ENV: 'production' }, true)).toBe(false);
});

test.each([false, true])('no token, password, title or description is written (pretty: %s)', pretty => {
  const { log, text } = openMemoryLog(pretty);
  const never = {
    authorization: 'Bearer hunter2',
    token: 'hunter2',
    title: 'hunter2',
    description: 'hunter2',
  };

  log.info(never, 'at the top');
  log.info({ submission: never, job: { id: 'j1', data: never } }, 'one level down');
  log.info({ req: { headers: never, body: never } }, 'in a request');
  log.child({ requestId: 'r1', ...never }).info('in a child');

  expect(text()).not.toContain('hunter2');
  expect(text()).toContain('r1');
});

test('of an error its message and causes are written, and none of what drivers hang on it', () => {
  const { log, text } = openMemoryLog();
  const cause = Object.assign(new Error('no such table'), {
    code: '42P01',
    detail: 'hunter2',
    parameters: ['hunter2'],
  });

  log.error({ err: new TypeError('cannot read', { cause }) }, 'failed');

  expect(text()).not.toContain('hunter2');
  expect(JSON.parse(text()).err).toMatchObject({
    type: 'TypeError',
    message: 'cannot read',
    stack: expect.stringContaining('log.test.ts'),
    cause: { type: 'Error', message: 'no such table', code: '42P01' },
  });
});

test('an error that is its own cause, and a thrown text, are written too', () => {
  const { log, text } = openMemoryLog();
  const error = new Error('round');
  error.cause = error;

  log.error({ err: error }, 'failed');
  log.error({ err: 'just a text' }, 'failed');

  expect(text()).toContain('just a text');
});
