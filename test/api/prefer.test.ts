import { expect, test } from 'vitest';
import { preferredWait } from '../../src/api/prefer.ts';

test.each<[string | undefined, number]>([
  [undefined, 0],
  ['', 0],
  ['wait=10', 10],
  ['Wait = 10', 10],
  ['wait="10"', 10],
  ['respond-async, wait=10', 10],
  ['respond-async; x=1, wait=10; y="a, b"', 10],
  ['handling=lenient, wait=10, wait=20', 10],
  ['foo="a, wait=10"', 0],
  [String.raw`foo="\", wait=10", wait=3`, 3],
  ['foo; bar="x, wait=9", wait=4', 4],
  ['return=minimal', 0],
  ['wait', 0],
  ['wait=', 0],
  ['wait=-1', 0],
  ['wait=1.5', 0],
  ['wait=soon', 0],
  ['wait=0', 0],
  ['wait=30', 30],
  ['wait=31', 30],
  ['wait=99999999999999999999', 30],
  [',, wait=2', 2],
  ['"wait=10', 0],
  ['awaits=10', 0],
])('Prefer: %s asks for %i seconds', (header, seconds) => {
  expect(preferredWait(header)).toBe(seconds);
});

test('a header made to be slow is read in no time', () => {
  const begin = performance.now();

  preferredWait(`a${';'.repeat(8000)}"`);
  preferredWait(`a=${'"\\'.repeat(4000)}`);
  preferredWait(`${'a;b="c"'.repeat(2000)}!`);
  preferredWait(`${'"\\'.repeat(8000)}`);

  expect(performance.now() - begin).toBeLessThan(100);
});
