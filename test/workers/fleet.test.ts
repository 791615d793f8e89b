import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Fleet } from '../../src/workers/fleet.ts';
import { type Node, node, relayNews } from '../support/relay-view.ts';

const LANES = 8;

/** The process `me`, on a store that shows it these nodes. */
function setup({ me = 'me', news = relayNews() }, ...nodes: Node[]) {
  const shares: number[][] = [];
  let answer = (): Promise<Node[]> => Promise.resolve(nodes);
  let well = true;
  const fleet = new Fleet({
    relay: { nodeId: me, getNodes: () => answer(), ...news },
    lanes: LANES,
    log: pino({ enabled: false }),
    isWell: () => well,
    onShare: lanes => shares.push([...lanes]),
  });
  onTestFinished(() => fleet.close());
  return {
    fleet,
    shares,
    see: (...seen: Node[]) => {
      answer = () => Promise.resolve(seen);
    },
    answerWith: (promise: Promise<Node[]>) => {
      answer = () => promise;
    },
    fallIll: () => {
      well = false;
    },
  };
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

test('a process alone runs every lane', async () => {
  const { fleet, shares } = setup({}, node('me'));

  await fleet.look();

  expect(shares).toEqual([ALL]);
});

test('who has seen no change tells of none', async () => {
  const { fleet, shares } = setup({}, node('me'), node('other'));

  await fleet.look();
  await fleet.look();
  await fleet.look();

  expect(shares).toHaveLength(1);
});

test('three processes share all the lanes out, each seeing them in its own order', async () => {
  const nodes = ['a', 'b', 'c'].map(id => node(id));
  const fleets = nodes.map(({ id }, n) => setup({ me: id }, ...nodes.slice(n), ...nodes.slice(0, n)));

  await Promise.all(fleets.map(({ fleet }) => fleet.look()));

  const shares = fleets.map(each => each.shares.flat());
  expect(shares.flat().sort()).toEqual(ALL);
  expect(shares.map(share => share.length).sort()).toEqual([2, 3, 3]);
});

test('a process that joins is told of, and one that leaves as well', async () => {
  const { fleet, shares, see } = setup({}, node('me'));
  await fleet.look();

  see(node('me'), node('other'));
  await fleet.look();
  see(node('me'));
  await fleet.look();

  expect(shares.map(share => share.length)).toEqual([8, 4, 8]);
});

test.each([
  ['a process whose lease has run out', node('other', { dead: true })],
  ['an API', node('other', { name: 'api' })],
])('%s has no part of the lanes', async (_, other) => {
  const { fleet, shares } = setup({}, node('me'), other);

  await fleet.look();

  expect(shares).toEqual([ALL]);
});

test('a store that does not answer changes nothing', async () => {
  const { fleet, shares, see, answerWith } = setup({}, node('me'), node('other'));
  await fleet.look();

  answerWith(Promise.reject(new Error('the store is away')));
  await fleet.look();
  see(node('me'), node('other'));
  await fleet.look();

  expect(shares).toHaveLength(1);
});

test('an answer that comes after closing opens no lane any more', async () => {
  const { fleet, shares, answerWith } = setup({});
  const { promise, resolve } = Promise.withResolvers<Node[]>();
  answerWith(promise);
  const looking = fleet.look();

  fleet.close();
  resolve([node('me')]);
  await looking;

  expect(shares).toEqual([]);
});

test('a process that is unwell leaves its lanes to the others, until some time after it last said so', async () => {
  const news = relayNews();
  const nodes = [node('me'), node('other')];
  const [mine, theirs] = [setup({ news }, ...nodes), setup({ news, me: 'other' }, ...nodes)];

  mine.fallIll();
  await mine.fleet.look();
  await theirs.fleet.look();
  news.forget();
  await theirs.fleet.look();

  expect(mine.shares).toEqual([[]]);
  expect(theirs.shares.map(share => share.length)).toEqual([LANES, LANES / 2]);
});

test('when nobody is well everybody keeps a share', async () => {
  const { fleet, shares, fallIll } = setup({}, node('me'));

  fallIll();
  await fleet.look();

  expect(shares).toEqual([ALL]);
});
