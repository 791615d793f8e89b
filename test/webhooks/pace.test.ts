import { spawn } from 'node:child_process';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Pace, type ProcessorTime } from '../../src/webhooks/pace.ts';
import { waitFor } from '../support/wait-for.ts';

const NEVER = new AbortController().signal;

/** A pace on a machine of which others use so much, a part of all, from the first look on. */
async function paceOn(others: number) {
  let time: ProcessorTime = { all: 0, others: 0 };
  const pace = new Pace(() => time);
  const look = async (part: number) => {
    time = { all: time.all + 1000, others: time.others + 1000 * part };
    await sleep(210);
    pace.look();
  };
  await look(others);
  return { pace, look };
}

test('on a machine that others keep busy 150 are sent a second', async () => {
  const { pace } = await paceOn(0.9);

  const began = performance.now();
  await Promise.all(Array.from({ length: 50 }, () => pace.next(NEVER)));

  expect(pace.isBusy).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(190);
});

test('on another nothing waits, and neither does it as soon as the others are done', async () => {
  const { pace, look } = await paceOn(0.3);
  expect(pace.isBusy).toBe(false);

  await look(0.9);
  const wasBusy = pace.isBusy;
  await look(0.1);

  expect([wasBusy, pace.isBusy]).toEqual([true, false]);
  await pace.next(NEVER);
});

test('who waits for it is let go when it is over', async () => {
  const { pace } = await paceOn(1);
  const stopping = new AbortController();
  // In their turn they would take 16 s.
  const waiting = Promise.all(Array.from({ length: 4000 }, () => pace.next(stopping.signal)));

  stopping.abort();

  expect(await Promise.race([waiting.then(() => 'let go'), sleep(12_000, 'still waiting')])).toBe('let go');
});

test('a machine whose processors all work for others is busy', async () => {
  const others = Array.from({ length: os.availableParallelism() }, () =>
    spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
  );
  onTestFinished(() => {
    for (const other of others) other.kill('SIGKILL');
  });
  const pace = new Pace();

  await waitFor(async () => {
    pace.look();
    return pace.isBusy;
  });
});
