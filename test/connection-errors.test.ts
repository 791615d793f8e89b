import { pino } from 'pino';
import { expect, test } from 'vitest';
import { logConnectionError } from '../src/connection-errors.ts';

test('the same error of many connections is said once, and another at once', () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: line => void lines.push(line) });

  for (const lane of ['lane-00', 'lane-01', 'lane-02']) {
    logConnectionError(log, new Error('connect ECONNREFUSED'), lane);
    logConnectionError(log, new Error('read ECONNRESET'), lane);
  }

  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { where: 'lane-00', err: { message: 'connect ECONNREFUSED' } },
    { where: 'lane-00', err: { message: 'read ECONNRESET' } },
  ]);
});
