import { expect, onTestFinished, test, vi } from 'vitest';
import { RecentlyUsed } from '../../src/api/recently-used.ts';

function useFakeClock(): void {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

test('what is used often enough stays, and the rest is forgotten', () => {
  useFakeClock();
  const map = new RecentlyUsed<number>({ keepMs: 1000, most: 100 });
  map.set('used', 1);
  map.set('left', 2);

  for (let i = 0; i < 4; i++) {
    vi.advanceTimersByTime(900);
    expect(map.get('used')).toBe(1);
  }

  expect(map.get('left')).toBeUndefined();
});

test('nothing is forgotten before its time', () => {
  useFakeClock();
  const map = new RecentlyUsed<number>({ keepMs: 1000, most: 100 });
  vi.advanceTimersByTime(999);
  map.set('a', 1);

  vi.advanceTimersByTime(1000);

  expect(map.get('a')).toBe(1);
});

test('after a long silence all is forgotten', () => {
  useFakeClock();
  const map = new RecentlyUsed<number>({ keepMs: 1000, most: 100 });
  map.set('a', 1);

  vi.advanceTimersByTime(2000);

  expect(map.get('a')).toBeUndefined();
});

test('it does not grow past its bound, and keeps the latest', () => {
  const map = new RecentlyUsed<number>({ keepMs: 1_000_000, most: 100 });

  for (let i = 0; i < 100_000; i++) map.set(String(i), i);

  const kept = Array.from({ length: 100_000 }, (_, i) => map.get(String(i))).filter(
    value => value !== undefined,
  );
  expect(kept.length).toBeLessThanOrEqual(200);
  expect(kept).toContain(99_999);
});
