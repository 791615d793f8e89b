import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { patiently } from './audit/patiently.ts';
import { logConnectionError } from './connection-errors.ts';
import { openSettings, type Settings } from './epoch-records.ts';
import { liveEpochs, type Standing } from './epochs.ts';
import { presentOf } from './figures/owners.ts';
import { readFigures } from './figures/share-figures.ts';
import type { Snapshot } from './figures/snapshot.ts';
import { openLaneSet } from './lane-set.ts';
import { openQueueStore, type QueueStore } from './queue-store.ts';
import type { LanesArguments } from './resize/arguments.ts';
import { laneTable, unfinishedOn } from './resize/lane-table.ts';
import { lastOf, ResizeForgottenError, readStanding, resize } from './resize/resize.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';

const LOOK_EVERY_MS = 500;

/** The name by which other processes know this one. */
const NODE_NAME = 'lanes';

/** Without a worker process nothing happens; with one it takes a second. */
const SAY_AFTER_MS = 10_000;

export interface LanesRoleOptions extends LanesArguments {
  readonly queueUrl: string;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  readonly stdout: Writable;
}

/**
 * Shows the lanes, or changes their number.
 *
 * @throws ResizeUnderWayError, ResizeForgottenError, NoLanesError
 */
export async function runLanes(options: LanesRoleOptions): Promise<void> {
  const { queueUrl, log, shutdown, resizeTo, stay, stdout } = options;
  // It waits for a store that is away for a moment, rather than to leave half-way.
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  shutdown.add(() => store.close());
  await untilAnswers('queue store', () => store.ping(), log);
  const settings = await patiently(() => openSettings(store));
  if (resizeTo === undefined) {
    const processes = presentOf(await patiently(() => readFiguresOnce(store, log)));
    const standing = await patiently(() => readStanding(settings));
    stdout.write(await patiently(() => laneTable({ store, standing, processes })));
    return;
  }
  const standing = await patiently(() => resize(settings, resizeTo));
  if (liveEpochs(standing).length > 1) await follow({ store, settings, stdout, stay }, standing);
  else stdout.write(`there are ${resizeTo} lanes\n`);
}

/** What the processes have told last; each does so every 2 s. */
async function readFiguresOnce(store: QueueStore, log: Logger): Promise<Snapshot[]> {
  const relay = store.openRelay(NODE_NAME);
  relay.on('error', error => logConnectionError(log, error, 'relay'));
  try {
    return await readFigures(relay);
  } finally {
    await relay.close().catch(() => {});
  }
}

interface Follow {
  readonly store: QueueStore;
  readonly settings: Settings;
  readonly stdout: Writable;
  readonly stay: boolean;
}

async function follow(options: Follow, begun: Standing): Promise<void> {
  const { store, settings, stdout, stay } = options;
  const { number, lanes } = lastOf(begun);
  const old = await Promise.all(
    liveEpochs(begun)
      .slice(0, -1)
      .map(epoch => patiently(() => openLaneSet(store, epoch))),
  );
  const left = await patiently(() => unfinishedOn(old));
  stdout.write(
    `there will be ${lanes} lanes when the ${left} submissions on the old ones are applied; ` +
      'new submissions are accepted meanwhile, and wait for those\n',
  );
  if (!stay) return;
  let saidAt = performance.now();
  for (
    let standing = begun;
    standing.drained + 1 < number;
    standing = await patiently(() => readStanding(settings))
  ) {
    if (standing.epochs.length < number) throw new ResizeForgottenError();
    await sleep(LOOK_EVERY_MS);
    if (performance.now() - saidAt < SAY_AFTER_MS) continue;
    saidAt = performance.now();
    const isSealed = standing.sealed + 1 >= number;
    const still = await patiently(() => unfinishedOn(old));
    stdout.write(isSealed ? `${still} left\n` : 'no worker process has begun; is there one?\n');
  }
  stdout.write(`there are ${lanes} lanes\n`);
}
