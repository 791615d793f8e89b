import { expect, test } from 'vitest';
import { Rests } from '../../src/webhooks/rests.ts';
import { openClock } from './support/clock.ts';

test('who has not had a turn for two hours after a rest is forgotten', () => {
  const goBy = openClock();
  const rests = new Rests(1);
  rests.begin('deleted');
  goBy(60 * 60_000);
  rests.begin('in trouble');
  const before = ['deleted', 'in trouble'].map(id => rests.isInDoubt(id));

  goBy(61 * 60_000);
  rests.begin('another');

  expect(before).toEqual([true, true]);
  expect(['deleted', 'in trouble'].map(id => rests.isInDoubt(id))).toEqual([false, true]);
});
