import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { openIntake } from '../../src/api/open-intake.ts';
import { openDatabase } from '../../src/database.ts';
import { Figures } from '../../src/figures/figures.ts';
import { openQueueStore, type QueueStore } from '../../src/queue-store.ts';
import { startWorkers } from '../../src/workers/start-workers.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, ORGANIZATION_A } from '../support/submissions.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * A worker that starts while the PostgreSQL which is its queue store answers late.
 * BullMQ's queues keep a first attempt to connect that failed, for ever.
 */

const LANES = 4;
/** Longer than an attempt to connect, and than an attempt to open queues. */
const FROZEN_MS = 7000;
const log = pino({ level: 'silent' });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A store through a proxy, and its network freezes for a while when it comes to `moment`. */
async function place(moment: string) {
  const database = await freshDatabase({ holdsLanes: true });
  await rows(database.url, `insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A')`);
  const proxy = await openTcpProxy(database.url);
  const orm = openDatabase(database.url);
  const through = openQueueStore({ url: proxy.url, role: 'worker', log });
  cleanUps.push(
    () => database.drop(),
    () => proxy.close(),
    () => orm.close(),
    () => through.close(),
  );
  let isFrozen = false;
  const freezeOnce = () => {
    if (isFrozen) return;
    isFrozen = true;
    proxy.freeze();
    setTimeout(() => proxy.mend(), FROZEN_MS);
  };
  const store: QueueStore = {
    ...through,
    openQueue(name) {
      if (name === moment) freezeOnce();
      return through.openQueue(name);
    },
    openConsumer(lane) {
      if (moment === 'consumers') freezeOnce();
      return through.openConsumer(lane);
    },
  };
  return { url: database.url, store, orm, wasFrozen: () => isFrozen };
}

it.for([
  ['before its settings are read', '{settings}'],
  ['while its lanes are opened', '{lane-01-04}'],
  ['when its lanes are taken', 'consumers'],
] as const)(
  'a worker whose queue store stops answering %s is ready by itself when it answers again',
  async ([, moment]) => {
    const { url, store, orm, wasFrozen } = await place(moment);
    const facts = { readAhead: 16, sharesFigures: false, onStuck: () => {}, figures: new Figures('worker') };

    const workers = await startWorkers({ store, orm, log, lanes: LANES, ...facts });
    cleanUps.push(() => workers.close());

    expect(wasFrozen()).toBe(true);
    expect(workers.isReady()).toBe(true);
    await raiseOnEachLane(url);
    await waitFor(async () => (await rows(url, 'select 1 from issues')).length === 3 * LANES);
  },
);

async function raiseOnEachLane(url: string): Promise<void> {
  const store = openQueueStore({ url, role: 'producer', log });
  cleanUps.push(() => store.close());
  const intake = await openIntake({ store, lanes: LANES, log });
  cleanUps.push(() => intake.close());
  for (let n = 0; n < 3 * LANES; n++) await intake.accept(aSubmission({ userId: `user-${n}` }));
}
