import { expect, test } from 'vitest';
import { Figures } from '../../src/figures/figures.ts';
import { type Snapshot, snapshotOf } from '../../src/figures/snapshot.ts';
import { Tally } from '../../src/figures/tally.ts';

/** A process as it shows itself `ageMs` after its start. */
function shown(id: string, ageMs: number, counts: Partial<Snapshot> = {}): Snapshot {
  return { ...snapshotOf(new Figures('worker'), false), id, ageMs, ...counts };
}

/** What is counted of each reading in turn; they are 1 s apart. */
function counted(readings: readonly (readonly Snapshot[])[]): number[] {
  const tally = new Tally('me');
  return readings.map((snapshots, second) => tally.take(snapshots, second * 1000).applied);
}

test('what a process had counted before the watch began is not counted', () => {
  expect(counted([[shown('a', 5000, { applied: 100 })], [shown('a', 6000, { applied: 130 })], []])).toEqual([
    0, 30, 0,
  ]);
});

test('what a process counted before it was first seen is counted when it began after the watch', () => {
  expect(counted([[], [], [shown('a', 700, { applied: 7 })]])).toEqual([0, 0, 7]);
});

test('a process that is seen late, but began before the watch, is counted from then on', () => {
  expect(counted([[], [shown('a', 9000, { applied: 100 })], [shown('a', 10_000, { applied: 101 })]])).toEqual(
    [0, 0, 1],
  );
});

test('all that the watching process counts is new', () => {
  expect(counted([[shown('me', 60_000, { applied: 3 })], [shown('me', 61_000, { applied: 5 })]])).toEqual([
    3, 2,
  ]);
});

test('readings that are missed, or come twice, or in the wrong order, lose and double nothing', () => {
  const [one, two, three] = [1, 2, 3].map(n => shown('a', 5000 + n, { applied: n * 10 }));
  if (!one || !two || !three) throw new Error();

  expect(counted([[one], [], [three], [three], [two], [three]])).toEqual([0, 0, 20, 0, 0, 0]);
});

test('a restarted process is another one, and the end of the old takes nothing back', () => {
  const before = shown('a', 5000, { applied: 100 });

  expect(
    counted([[before], [before, shown('b', 100, { applied: 2 })], [shown('b', 900, { applied: 4 })]]),
  ).toEqual([0, 2, 2]);
});

test('a process that comes back after minutes is counted for the time between', () => {
  const tally = new Tally('me');
  tally.take([shown('a', 5000, { applied: 100 })], 0);

  tally.take([], 50 * 60_000);
  expect(tally.take([shown('a', 3_000_000, { applied: 150 })], 51 * 60_000).applied).toBe(50);
});

test('one that comes back after hours is not counted twice', () => {
  const tally = new Tally('me');
  tally.take([], 0);
  tally.take([shown('a', 100, { applied: 100 })], 1000);
  const hours = 3 * 60 * 60_000;
  tally.take([], hours);

  expect(tally.take([shown('a', hours, { applied: 101 })], hours + 1000).applied).toBe(0);
});

test('codes and kinds that come up later are counted, whatever they are', () => {
  const tally = new Tally('me');
  tally.take([shown('a', 5000, { rejected: { x: 1 } })], 0);

  const { rejected, failed, retries, latency } = tally.take(
    [
      shown('a', 6000, { rejected: { x: 3, y: 1 }, failed: { z: 2 }, retries: { k: 4 }, latency: [1, 2] }),
      shown('b', 500, { rejected: { x: 1 }, latency: [0, 5] }),
    ],
    1000,
  );

  expect({ rejected, failed, retries, latency }).toEqual({
    rejected: { x: 3, y: 1 },
    failed: { z: 2 },
    retries: { k: 4 },
    latency: [1, 7],
  });
});
