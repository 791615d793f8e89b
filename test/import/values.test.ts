import { expect, it } from 'vitest';
import { isTrue, timeOf, word } from '../../src/import/values.ts';

it.for([
  ['2020-01-02 03:04:05.678901', '2020-01-02T03:04:05.678Z'],
  ['2020-01-02 03:04:05', '2020-01-02T03:04:05.000Z'],
  ['2020-01-02 03:04:05.6+02', '2020-01-02T01:04:05.600Z'],
  ['2020-01-02T03:04:05-0330', '2020-01-02T06:34:05.000Z'],
  ['2020-13-01 00:00:00', null],
  ['yesterday', null],
  [null, null],
] as const)('reads the time %s', ([value, time]) => {
  expect(timeOf(value)).toBe(time);
});

it('reads flags and words, however they are written', () => {
  expect(['1', 'true', 't', ' Active '].map(isTrue)).toEqual([true, true, true, true]);
  expect(['0', 'false', 'closed', '', null].map(isTrue)).toEqual([false, false, false, false, false]);
  expect([word(' CUSTOMER'), word(null)]).toEqual(['customer', '']);
});
