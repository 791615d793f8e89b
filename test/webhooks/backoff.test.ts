import { expect, test } from 'vitest';
import { LONGEST_WAIT_MS, waitAfter } from '../../src/webhooks/backoff.ts';

test.each([1, 2, 3, 8])('the wait after failure %i is about twice the one before', failures => {
  const about = 5000 * 2 ** (failures - 1);

  const waits = Array.from({ length: 200 }, () => waitAfter(5000, failures));

  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.8 * about);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1.2 * about);
  expect(new Set(waits).size).toBeGreaterThan(100);
});

test('a receiver may ask for a longer wait, not for a shorter one, and for an hour at most', () => {
  expect(waitAfter(5000, 1, 60_000)).toBe(60_000);
  expect(waitAfter(5000, 5, 1)).toBeGreaterThan(60_000);
  expect(waitAfter(5000, 1, 2 * LONGEST_WAIT_MS)).toBe(LONGEST_WAIT_MS);
  expect(waitAfter(5000, 10_000)).toBe(LONGEST_WAIT_MS);
});
