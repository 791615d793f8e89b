import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOut } from '../../src/workers/share-out.ts';

const nodes = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 20 });
const lanes = fc.integer({ min: 1, max: 128 });

function partsOf(owners: readonly string[], among: readonly string[]): number[] {
  return among.map(node => owners.filter(owner => owner === node).length);
}

test('every lane has exactly one owner, who is one of the nodes', () => {
  fc.assert(
    fc.property(lanes, nodes, (count, among) => {
      const owners = shareOut(count, among);

      expect(owners).toHaveLength(count);
      for (const owner of owners) expect(among).toContain(owner);
    }),
  );
});

test('the parts differ by at most one', () => {
  fc.assert(
    fc.property(lanes, nodes, (count, among) => {
      const parts = partsOf(shareOut(count, among), among);

      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
    }),
  );
});

test('processes that see the same nodes compute the same shares, whatever order they come in', () => {
  fc.assert(
    fc.property(
      lanes,
      nodes.chain(among =>
        fc.tuple(fc.constant(among), fc.shuffledSubarray(among, { minLength: among.length })),
      ),
      (count, [one, other]) => {
        expect(shareOut(count, one.toSorted())).toEqual(shareOut(count, other.toSorted()));
      },
    ),
  );
});

test('without nodes no lane has an owner', () => {
  expect(shareOut(16, [])).toEqual([]);
});

test('one node has all the lanes', () => {
  expect(shareOut(3, ['only'])).toEqual(['only', 'only', 'only']);
});

test('with more nodes than lanes each lane has a node of its own', () => {
  const among = nodeIds(0, 20);

  expect(new Set(shareOut(16, among)).size).toBe(16);
});

/** Ids as BullMQ makes them, but the same in every run. */
function nodeIds(seed: number, count: number): string[] {
  return Array.from({ length: count }, (_, n) => createHash('md5').update(`${seed}/${n}`).digest('hex'));
}

interface Move {
  /** Lanes that the newcomer took. */
  readonly taken: number;
  /** Lanes that moved between two who were there before. */
  readonly shuffled: number;
}

/** What a newcomer changes among `before` nodes, in 1,000 fleets. */
function joins(before: number): Move[] {
  return Array.from({ length: 1000 }, (_, seed) => {
    const ids = nodeIds(seed, before + 1);
    const [newcomer] = ids.slice(-1);
    const was = shareOut(16, ids.slice(0, before).sort());
    const is = shareOut(16, ids.sort());
    const moved = is.filter((owner, lane) => owner !== was[lane]);
    const taken = moved.filter(owner => owner === newcomer).length;
    return { taken, shuffled: moved.length - taken };
  });
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

test('a second node takes half of the lanes, and nothing else moves', () => {
  for (const move of joins(1)) expect(move).toEqual({ taken: 8, shuffled: 0 });
});

test('a third node takes a third of the lanes, and one other lane moves on average', () => {
  const moves = joins(2);

  for (const { taken } of moves) expect([5, 6]).toContain(taken);
  expect(average(moves.map(({ shuffled }) => shuffled))).toBeLessThan(1);
  expect(Math.max(...moves.map(({ shuffled }) => shuffled))).toBeLessThanOrEqual(4);
});

test('a fifth node takes a fifth of the lanes, and two others move on average', () => {
  const moves = joins(4);

  for (const { taken } of moves) expect([3, 4]).toContain(taken);
  expect(average(moves.map(({ shuffled }) => shuffled))).toBeLessThan(2.2);
});
