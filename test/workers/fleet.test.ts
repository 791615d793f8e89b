import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Fleet, type FleetOptions, WORKER_NODE_NAME } from '../../src/workers/fleet.ts';

type Node = Awaited<ReturnType<FleetOptions['relay']['getNodes']>>[number];

const LANES = 8;

/** The process `me`, on a store that shows it these nodes. */
function setup(...nodes: Node[]) {
  const shares: number[][] = [];
  let answer = (): Promise<Node[]> => Promise.resolve(nodes);
  const fleet = new Fleet({
    relay: { nodeId: 'me', getNodes: () => answer() },
    lanes: LANES,
    log: pino({ enabled: false }),
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
  };
}

function node(id: string, { name = WORKER_NODE_NAME, dead = false } = {}): Node {
  const state = { registeredAt: 0, leaseUntil: 0, backlog: 0, dropped: 0, subscriptions: 0 };
  return { id, info: { name }, ...state, ...(dead ? {} : { lastHeartbeat: 1_700_000_000_000 }) };
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

test('a process alone runs every lane', async () => {
  const { fleet, shares } = setup(node('me'));

  await fleet.look();

  expect(shares).toEqual([ALL]);
});

test('who has seen no change tells of none', async () => {
  const { fleet, shares } = setup(node('me'), node('other'));

  await fleet.look();
  await fleet.look();
  await fleet.look();

  expect(shares).toHaveLength(1);
});

test('two processes that see each other share all the lanes out, each seeing them in its own order', async () => {
  const { fleet, shares } = setup(node('me'), node('other'));
  const theirShares: number[][] = [];
  const theirs = new Fleet({
    relay: { nodeId: 'other', getNodes: async () => [node('other'), node('me')] },
    lanes: LANES,
    log: pino({ enabled: false }),
    onShare: lanes => theirShares.push([...lanes]),
  });
  onTestFinished(() => theirs.close());

  await Promise.all([fleet.look(), theirs.look()]);

  expect([...shares.flat(), ...theirShares.flat()].sort()).toEqual(ALL);
  expect(shares.flat()).toHaveLength(LANES / 2);
});

test('a process that joins is told of, and one that leaves as well', async () => {
  const { fleet, shares, see } = setup(node('me'));
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
  const { fleet, shares } = setup(node('me'), other);

  await fleet.look();

  expect(shares).toEqual([ALL]);
});

test('a store that does not answer changes nothing', async () => {
  const { fleet, shares, see, answerWith } = setup(node('me'), node('other'));
  await fleet.look();

  answerWith(Promise.reject(new Error('the store is away')));
  await fleet.look();
  see(node('me'), node('other'));
  await fleet.look();

  expect(shares).toHaveLength(1);
});

test('an answer that comes after closing opens no lane any more', async () => {
  const { fleet, shares, answerWith } = setup();
  const { promise, resolve } = Promise.withResolvers<Node[]>();
  answerWith(promise);
  const looking = fleet.look();

  fleet.close();
  resolve([node('me')]);
  await looking;

  expect(shares).toEqual([]);
});
