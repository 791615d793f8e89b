import { expect, test } from 'vitest';
import { allLanes, laneIndexOf, laneLabel, laneNumber, laneQueueName } from '../src/lanes.ts';

/** CRC-32 as Python's zlib.crc32 computes it. To change one is to lose the order of everybody in the queue. */
const PINNED: [string, number][] = [
  ['u1', 1_112_514_422],
  ['alice', 663_665_735],
  ['auth0|5f7c8ec7c33c6c004bbafe82', 3_153_804_479],
  ['ünï😀', 2_089_931_126],
  ['00000000-0000-4000-8000-000000000001', 1_290_221_185],
];

test.each(PINNED)('the lane of %s stays what it is', (userId, crc) => {
  for (const lanes of [1, 4, 7, 16, 99]) expect(laneIndexOf(userId, lanes)).toBe(crc % lanes);
});

test.each([
  ['numbers', (n: number) => `user-${n}`],
  [
    'ids of an identity provider',
    (n: number) => `auth0|${(n * 2_654_435_761).toString(16).padStart(24, '0')}`,
  ],
  ['mail addresses', (n: number) => `person.${n}@example-${n % 7}.org`],
])('16 lanes are used evenly by 100,000 user ids that are %s', (_, userId) => {
  const users = 100_000;
  const used = Array<number>(16).fill(0);

  for (let n = 0; n < users; n++) {
    const lane = laneIndexOf(userId(n), 16);
    used[lane] = (used[lane] ?? 0) + 1;
  }

  for (const count of used) expect(Math.abs(count / (users / 16) - 1)).toBeLessThan(0.05);
});

test('the lanes are numbered from 0', () => {
  expect(allLanes(3)).toEqual([
    { index: 0, of: 3 },
    { index: 1, of: 3 },
    { index: 2, of: 3 },
  ]);
});

test('a lane has a name for people, and one for its queue in the braces of a hash tag', () => {
  const lane = { index: 7, of: 16 };

  expect(laneLabel(lane)).toBe('lane-07-16');
  expect(laneQueueName(lane)).toBe('{lane-07-16}');
});

test.each([1, 4, 16, 64, 100, 128])('each of %i lanes has a queue of its own, whatever their number', of => {
  const names = [...allLanes(of), ...allLanes(of + 1)].map(laneQueueName);

  expect(new Set(names).size).toBe(names.length);
  // BullMQ takes ":" for its own.
  for (const name of names) expect(name).not.toContain(':');
});

test('no two lanes have the same number, whatever theirs is', () => {
  const numbers = [1, 2, 4, 16, 1023, 1024].flatMap(of => allLanes(of).map(laneNumber));

  expect(new Set(numbers).size).toBe(numbers.length);
  // PostgreSQL's integer.
  expect(Math.max(...numbers)).toBeLessThan(2 ** 31);
});

test.each([
  [4, [2, 1, 1]],
  [16, [5, 5, 6]],
  [32, [12, 10, 10]],
])('%i lanes spread over the three masters of a Redis Cluster as %j', (of, expected) => {
  const lanesOf = [0, 0, 0];

  for (const lane of allLanes(of)) {
    const slot = crc16(laneLabel(lane)) % 16_384;
    // redis-cli --cluster create: 0-5460, 5461-10922, 10923-16383.
    const master = slot <= 5460 ? 0 : slot <= 10_922 ? 1 : 2;
    lanesOf[master] = (lanesOf[master] ?? 0) + 1;
  }

  expect(lanesOf).toEqual(expected);
});

test('the checksum of this test is that of the Redis Cluster specification', () => {
  expect(crc16('123456789')).toBe(0x31c3);
});

/** CRC-16/XMODEM, appendix A of the Redis Cluster specification. */
function crc16(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}
