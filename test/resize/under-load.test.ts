import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../chaos/random.ts';
import { type LiveSystem, type LiveSystemOptions, type StoreKind, startLiveSystem } from './live-system.ts';

/*
 * The number of lanes changes while users raise, and everything that takes part
 * is struck: the command and a worker die, an API is stopped in the middle of its
 * requests and goes on when the change is over.
 */

let system: LiveSystem;
afterEach(() => system.close());

const seed = Number(process.env.RESIZE_SEED ?? 1 + Math.floor(Math.random() * 1e6));
const random = seededRandom(seed);
console.log(`resize with seed ${seed}; to repeat it: RESIZE_SEED=${seed}`);

/** Less than the API gives a request to come: one that lies unread for longer may be told 408. */
const LONGEST_STOP_MS = 15_000;

/** Changes the number of lanes, and strikes. Resolves when the change is over. */
async function resizeUnderFire(lanes: number): Promise<void> {
  const [worker] = random.shuffle(system.workers);
  // So that the old lanes hold something, and are not sealed at once.
  const goOn = system.workers.map(each => each.stop());
  await system.untilMoreWait(40);
  const killed = system.command('resize', String(lanes));
  await sleep(random.between(200, 1500));
  await killed.end('SIGKILL');
  const command = system.command('resize', String(lanes));
  await command.line(line => line.includes(`there will be ${lanes} lanes`));
  await system.untilMoreWait(80);
  const continueApi = random.pick(system.apis).stop();
  for (const go of goOn) go();
  await sleep(random.between(0, 700));
  worker?.kill();
  await Promise.race([command.ended, sleep(LONGEST_STOP_MS)]);
  continueApi();
  expect(await command.ended).toBe(0);
}

describe('users notice nothing of another number of lanes', { timeout: 400_000 }, () => {
  it.for<[StoreKind, number[]]>([
    ['redis', [16, 32, 8]],
    ['postgres', [4, 8, 3]],
  ])('on %s, from and to %j', async ([kind, [first = 1, ...others]]) => {
    system = await startLiveSystem({ kind, lanes: first, seed });

    for (const lanes of others) {
      await resizeUnderFire(lanes);
      expect(await system.lanes()).toBe(lanes);
    }
    await sleep(2000);
    const { findings, histories, counts } = await system.conclude();

    if (findings.length > 0) console.log(histories);
    expect(findings).toEqual([]);
    expect(counts.accepted).toBeGreaterThan(200);
  });
});

describe('the ledger’s audit sees', { timeout: 400_000 }, () => {
  it.for<[string, string, LiveSystemOptions['who'], string]>([
    ['an API that adds to a lane that nobody serves any more', 'no-seal', 'workers', 'not_quiet'],
    ['an API that goes on to the new lanes before the old ones are sealed', 'no-proof', 'api-1', 'reordered'],
    ['workers that leave the old lanes before they are empty', 'no-drain', 'workers', 'not_quiet'],
  ])('%s', async ([, broken, who, kind]) => {
    const NODE_OPTIONS = `--import=${path.resolve('test/resize/sabotage', `${broken}.ts`)}`;
    system = await startLiveSystem({
      kind: 'redis',
      lanes: 16,
      seed,
      broken: { NODE_OPTIONS, READ_AHEAD: '1' },
      who,
    });

    await resizeUnderFire(32);
    await sleep(2000);
    const { findings } = await system.conclude();

    expect(findings.map(finding => finding.kind)).toContain(kind);
  });
});
