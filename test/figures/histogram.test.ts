import { expect, test } from 'vitest';
import { Histogram, quantile } from '../../src/figures/histogram.ts';

test('a value counts under the first bound that it does not exceed, and above all of them last', () => {
  const histogram = new Histogram([1, 10]);

  for (const value of [0, 1, 1.1, 10, 11]) histogram.observe(value);

  expect(histogram.counts).toEqual([2, 2, 1]);
  expect(histogram.sum).toBeCloseTo(23.1);
});

test.each([
  { share: 0.5, counts: [10, 0, 0], found: 5 },
  { share: 0.5, counts: [10, 10, 0], found: 10 },
  { share: 0.75, counts: [10, 10, 0], found: 15 },
  { share: 0.99, counts: [0, 100, 0], found: 19.9 },
  { share: 0.99, counts: [0, 0, 7], found: 20 },
])('a quantile lies within its bucket: $share of $counts', ({ share, counts, found }) => {
  expect(quantile(share, [10, 20], counts)).toBeCloseTo(found);
});

test('nothing has no quantile', () => {
  expect(quantile(0.5, [10, 20], [0, 0, 0])).toBeUndefined();
  expect(quantile(0.5, [10, 20], [])).toBeUndefined();
});
