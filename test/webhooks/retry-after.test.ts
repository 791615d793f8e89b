import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/webhooks/retry-after.ts';

const NOW = Date.parse('2026-11-29T12:00:00.000Z');

test.each<[string, number]>([
  ['1', 1000],
  [' 120 ', 120_000],
  ['3600', 3_600_000],
  ['3601', 3_600_000],
  ['9'.repeat(400), 3_600_000],
  ['Sun, 29 Nov 2026 12:00:30 GMT', 30_000],
  ['Mon, 30 Nov 2026 12:00:00 GMT', 3_600_000],
])('“%s” asks to wait for %d ms', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});

test.each([
  undefined,
  '',
  '0',
  '-5',
  '1.5',
  '1e3',
  'soon',
  'NaN',
  'Sun, 29 Nov 2026 11:59:59 GMT',
  'Sun, 99 Nov 2026 12:00:30 GMT',
  '2026-11-29T12:00:30Z',
])('“%s” asks for nothing', header => {
  expect(retryAfterMs(header, NOW)).toBeUndefined();
});
