import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Watchdog, type WatchedLane } from '../../src/workers/watchdog.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * When the watchdog barks; watchdog.test.ts has real lanes that hang.
 */

const LOOKS = 3;

class Lane implements WatchedLane {
  readonly log = pino({ level: 'silent' });
  isOurs = true;
  isApplying = false;
  progress = 0;
  looks = 0;
  reopened = 0;
  abandoned = false;
  answer: () => boolean = () => true;

  async shouldMove() {
    this.looks++;
    return this.answer();
  }

  async reopen() {
    this.reopened++;
  }

  abandon() {
    this.abandoned = true;
  }
}

function watch(lane: Lane) {
  let stuck = 0;
  let looksWhenStuck = 0;
  const bounds = { lookEveryMs: 1, looks: LOOKS };
  const onStuck = () => {
    stuck++;
    looksWhenStuck = lane.looks;
  };
  const watchdog = new Watchdog({ lanes: [lane], onStuck, bounds });
  onTestFinished(() => watchdog.close());
  return { watchdog, stuck: () => stuck, looksWhenStuck: () => looksWhenStuck };
}

test('a lane that stands still is reopened once, then given up once', async () => {
  const lane = new Lane();
  const { watchdog, stuck, looksWhenStuck } = watch(lane);

  await waitFor(() => stuck() === 1);
  await waitFor(() => lane.looks > looksWhenStuck() + 3 * LOOKS);

  expect(looksWhenStuck()).toBe(2 * LOOKS);
  expect(lane).toMatchObject({ reopened: 1, abandoned: true });
  expect(stuck()).toBe(1);
  expect(watchdog.isWell()).toBe(false);
});

test('a lane that moves for a while after it was reopened, and stands still again, is given up', async () => {
  const lane = new Lane();
  const { stuck } = watch(lane);
  await waitFor(() => lane.reopened === 1);

  let calm = 2 * LOOKS;
  lane.answer = () => calm-- < 0;

  await waitFor(() => stuck() === 1);
  expect(lane.reopened).toBe(1);
});

test('a lane that stands still again much later is reopened again', async () => {
  const lane = new Lane();
  const { stuck } = watch(lane);
  const calm = 25 * LOOKS;
  lane.answer = () => lane.reopened === 0 || lane.looks > calm;

  await waitFor(() => lane.reopened === 2);
  await waitFor(() => stuck() === 1);
  expect(lane.reopened).toBe(2);
});

test.each<[string, (lane: Lane) => void]>([
  ['moves', lane => (lane.answer = () => lane.progress++ >= 0)],
  ['has nothing waiting', lane => (lane.answer = () => false)],
  [
    'has its store away',
    lane =>
      (lane.answer = () => {
        throw new Error('away');
      }),
  ],
  [
    'has its store away now and then',
    lane =>
      (lane.answer = () => {
        if (lane.looks % LOOKS === 0) throw new Error('away');
        return true;
      }),
  ],
])('a lane that %s is left alone', async (_, set) => {
  const lane = new Lane();
  set(lane);
  const { watchdog } = watch(lane);

  await waitFor(() => lane.looks > 10 * LOOKS);

  expect(lane.reopened).toBe(0);
  expect(watchdog.isWell()).toBe(true);
});

test('a lane that is applying, or another process’s, is not even looked at', async () => {
  const [applying, other, ours] = [new Lane(), new Lane(), new Lane()];
  applying.isApplying = true;
  other.isOurs = false;
  const bounds = { lookEveryMs: 1, looks: LOOKS };
  const watchdog = new Watchdog({ lanes: [applying, other, ours], onStuck: () => {}, bounds });
  onTestFinished(() => watchdog.close());

  await waitFor(() => ours.reopened === 1);

  expect([applying.looks, other.looks]).toEqual([0, 0]);
});
