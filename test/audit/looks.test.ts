import { expect, it } from 'vitest';
import { type Look, lookTwice, MOST_SUSPECTS, Suspicion } from '../../src/audit/looks.ts';

it('does not look again where nothing looks wrong', async () => {
  let looks = 0;

  await lookTwice(
    async () => {
      looks++;
      return [aLook('a', [])];
    },
    async () => {
      throw new Error('there is nothing to wait for');
    },
  );

  expect(looks).toBe(1);
});

it('calls wrong what looks wrong both times, and looks again only at that', async () => {
  const seen: unknown[] = [];
  const answers = [
    [aLook('a', ['stays', 'passes']), aLook('b', ['passes']), aLook('c', [])],
    [aLook('a', ['stays', 'is new']), aLook('b', [])],
  ];

  const looks = await lookTwice(
    async only => {
      seen.push(only && [...only]);
      return answers[seen.length - 1] ?? [];
    },
    async () => {
      seen.push('pause');
      answers.splice(1, 0, []);
    },
  );

  expect(seen).toEqual([undefined, 'pause', ['a', 'b']]);
  expect(looks.map(({ name, suspects }) => [name, suspects.map(({ id }) => id)])).toEqual([
    ['a', ['stays']],
    ['b', []],
    ['c', []],
  ]);
  expect(looks.map(({ count }) => count)).toEqual([1, 0, 0]);
});

it('counts all, however many, and keeps the first', async () => {
  const ids = Array.from({ length: MOST_SUSPECTS + 5 }, (_, n) => String(n));

  const [look] = await lookTwice(
    async () => [aLook('a', ids)],
    async () => {},
  );

  expect(look?.count).toBe(MOST_SUSPECTS + 5);
  expect(look?.suspects).toHaveLength(MOST_SUSPECTS);
});

function aLook(name: string, ids: readonly string[]): Look {
  const suspicion = new Suspicion(name, 'it should be so');
  for (const id of ids) suspicion.add({ id, what: 'it is not' });
  return suspicion.look();
}
