import { expect, test } from 'vitest';
import {
  type PostgresFacts,
  postgresDurability,
  type RedisFacts,
  redisDurability,
} from '../src/durability.ts';

const KEEPS: RedisFacts = {
  address: 'redis:6379',
  appendonly: true,
  appendfsync: 'everysec',
  maxmemoryPolicy: 'noeviction',
  maxmemoryBytes: 0,
  save: '',
  replicas: 0,
  replicasAwaited: 0,
};

const EVICTS =
  'Redis at redis:6379 may evict accepted submissions (maxmemory-policy is allkeys-lru); ' +
  'set "maxmemory-policy noeviction" in its configuration';
const FORGETS =
  'Redis at redis:6379 loses accepted submissions when it ends (appendonly is no); ' +
  'set "appendonly yes" in its configuration';

test.each<[string, Partial<RedisFacts>, string, string[]]>([
  ['writes its file every second', {}, 'process', []],
  ['writes its file before it answers', { appendfsync: 'always' }, 'machine', []],
  ['leaves the file to the system', { appendfsync: 'no' }, 'process', []],
  ['does not say how soon it writes', { appendfsync: undefined }, 'process', []],
  ['waits for a replica', { replicas: 1, replicasAwaited: 1 }, 'node', []],
  ['has replicas that it does not wait for', { replicas: 2 }, 'process', []],
  ['keeps no file', { appendonly: false }, 'nothing', [FORGETS]],
  ['saves snapshots only', { appendonly: false, save: '3600 1' }, 'nothing', [FORGETS]],
  ['evicts', { maxmemoryPolicy: 'allkeys-lru' }, 'nothing', [EVICTS]],
  [
    'evicts and keeps no file',
    { maxmemoryPolicy: 'allkeys-lru', appendonly: false },
    'nothing',
    [EVICTS, FORGETS],
  ],
  [
    'says nothing',
    { appendonly: undefined, appendfsync: undefined, maxmemoryPolicy: undefined },
    'unknown',
    [],
  ],
])('a Redis that %s', (_what, facts, survives, complaints) => {
  expect(redisDurability([{ ...KEEPS, ...facts }])).toMatchObject({ survives, complaints });
});

test('a cluster promises what its weakest master does, and complains of each', () => {
  const masters = [
    { ...KEEPS, address: 'a:1', appendfsync: 'always' },
    { ...KEEPS, address: 'b:2', appendonly: false },
    { ...KEEPS, address: 'c:3', maxmemoryPolicy: 'volatile-ttl' },
  ];

  const { survives, complaints } = redisDurability(masters);

  expect(survives).toBe('nothing');
  expect(complaints).toEqual([expect.stringContaining('b:2'), expect.stringContaining('c:3')]);
});

test('the sentence says what the word leaves out', () => {
  const detail = (facts: Partial<RedisFacts>) => redisDurability([{ ...KEEPS, ...facts }]).detail;

  expect(detail({})).toBe('a crash of the machine can lose the last second');
  expect(detail({ appendfsync: 'always', replicas: 2 })).toBe(
    'it is on the disk before the answer; 2 replicas follow, and are not waited for',
  );
  expect(detail({ appendonly: false, save: '60 1' })).toMatch(/^Redis saves a snapshot now and then/);
});

const ON: PostgresFacts = { fsync: 'on', synchronousCommit: 'on', synchronousStandbys: '' };

test.each<[string, Partial<PostgresFacts>, string, number]>([
  ['as it comes', {}, 'machine', 0],
  ['with a synchronous standby', { synchronousStandbys: 'standby' }, 'node', 0],
  [
    'that waits for itself alone',
    { synchronousStandbys: 'standby', synchronousCommit: 'local' },
    'machine',
    0,
  ],
  ['without fsync', { fsync: 'off' }, 'process', 1],
  ['that answers before it writes', { synchronousCommit: 'off' }, 'nothing', 1],
])('a PostgreSQL %s', (_what, facts, survives, complaints) => {
  const durability = postgresDurability({ ...ON, ...facts });

  expect(durability.survives).toBe(survives);
  expect(durability.complaints).toHaveLength(complaints);
});
