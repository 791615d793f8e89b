import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { Entrance } from '../src/entrance.ts';
import { openSettings } from '../src/epoch-records.ts';
import { Epochs, LaneCountMismatchError, liveEpochs } from '../src/epochs.ts';
import { openQueueStore, type QueueStore } from '../src/queue-store.ts';
import { ResizeUnderWayError, resize } from '../src/resize/resize.ts';
import { Drain } from '../src/workers/drain.ts';
import { rows } from './support/rows.ts';
import { freshDatabase, freshRedisUrl } from './support/services.ts';
import { aSubmission } from './support/submissions.ts';
import type { StoreKind } from './support/system.ts';
import { waitFor } from './support/wait-for.ts';

/*
 * Where submissions go while the number of lanes changes: each process hears of
 * it at another moment, or not at all.
 */

const STORES: StoreKind[] = ['redis', 'postgres'];
const log = pino({ level: 'silent' });

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Process {
  readonly store: QueueStore;
  readonly epochs: Epochs;
  readonly entrance: Entrance;
}

async function place(kind: StoreKind) {
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  cleanUps.push(() => database.drop());
  const url = kind === 'postgres' ? database.url : await freshRedisUrl();
  const orm = openDatabase(database.url);
  cleanUps.push(() => orm.close());
  const openProcess = async (lanes = 2): Promise<Process> => {
    const store = openQueueStore({ url, role: 'worker', log });
    cleanUps.push(() => store.close());
    const epochs = await Epochs.open(await openSettings(store), lanes);
    return { store, epochs, entrance: await Entrance.open(store, epochs) };
  };
  const first = await openProcess();
  const resizeTo = async (lanes: number) => resize(await openSettings(first.store), lanes);
  /** What a worker process does in one look. */
  const drain = async ({ store, epochs }: Process = first) =>
    new Drain({ store, orm, epochs }).goOn(await epochs.look());
  return { url, databaseUrl: database.url, first, openProcess, resizeTo, drain };
}

function fresh(facts: { id?: string; title?: string } = {}) {
  return aSubmission({ id: randomUUID(), userId: 'ann', ...facts });
}

/** The names of the lanes that a submission is on. */
async function lanesWith({ entrance }: Process, id: string): Promise<string[]> {
  const queues = entrance.sets.flatMap(set => set.queues);
  const found = await Promise.all(queues.map(async queue => ((await queue.getJob(id)) ? [queue.name] : [])));
  return found.flat();
}

describe.each(STORES)('on %s', kind => {
  it('a process that has not heard of the change finds its lane sealed, and goes to the new one', async () => {
    const { first, openProcess, resizeTo, drain } = await place(kind);
    const late = await openProcess();
    const [before, after] = [fresh(), fresh()];
    await late.entrance.add(before);

    await resizeTo(3);
    await drain();
    await late.entrance.add(after);

    await first.entrance.look();
    const [[old = ''], [young = '']] = [await lanesWith(first, before.id), await lanesWith(first, after.id)];
    expect(old).toMatch(/^\{lane-\d\d-02\}$/);
    expect(young).toMatch(/^\{lane-\d\d-03-e2\}$/);
    expect((await late.entrance.find('ann', before.id))?.id).toBe(before.id);
  });

  it('a process that has not heard of the change finds what another has put on the new lane', async () => {
    const { first, openProcess, resizeTo, drain } = await place(kind);
    const late = await openProcess();
    const submission = fresh();
    await resizeTo(3);
    await drain();

    await first.entrance.add(submission);

    expect((await late.entrance.find('ann', submission.id))?.id).toBe(submission.id);
    expect(await late.entrance.find('ann', randomUUID())).toBeUndefined();
  });

  it('before the old lanes are sealed, they take submissions from those who have heard as well', async () => {
    const { openProcess, resizeTo } = await place(kind);
    await resizeTo(3);
    const informed = await openProcess();
    const submission = fresh();

    await informed.entrance.add(submission);

    expect(await lanesWith(informed, submission.id)).toEqual([expect.stringMatching(/-02\}$/)]);
  });

  it('one Idempotency-Key before and after the change is one submission', async () => {
    const { first, openProcess, resizeTo, drain } = await place(kind);
    const sent = fresh({ title: 'as first sent' });
    await first.entrance.add(sent);
    await resizeTo(3);
    await drain();
    const newcomer = await openProcess(3);

    for (const { entrance } of [first, newcomer]) await entrance.add({ ...sent, title: 'as sent again' });

    expect(await lanesWith(newcomer, sent.id)).toHaveLength(1);
    expect((await newcomer.entrance.find('ann', sent.id))?.data.title).toBe('as first sent');
  });

  it('an epoch is over when nothing waits on its lanes and nothing is at work, and not before', async () => {
    const { first, resizeTo, drain } = await place(kind);
    await first.entrance.add(fresh());
    await resizeTo(3);
    const withOneWaiting = await drain();
    const [index = 0] = await indexesOfUsed(first);
    const consumer = first.store.openConsumer({ index, of: 2 });
    cleanUps.push(() => consumer.close());
    const job = await consumer.next();
    const withOneAtWork = await drain();
    if (job === undefined) throw new Error('there is no job');

    await consumer.finish([{ job, outcome: { status: 'failed', code: 'unstorable', detail: 'no' } }], false);
    const withOneFailed = await drain();

    expect(withOneWaiting).toMatchObject({ sealed: 1, drained: 0 });
    expect(withOneAtWork).toMatchObject({ sealed: 1, drained: 0 });
    expect(withOneFailed).toMatchObject({ sealed: 1, drained: 1 });
    expect(liveEpochs(withOneFailed)).toEqual([{ number: 2, lanes: 3 }]);
  });

  it('an epoch is not over while a lane of it is paused', async () => {
    const { first, resizeTo, drain } = await place(kind);
    await first.entrance.add(fresh());
    const queues = first.entrance.sets[0]?.queues ?? [];
    for (const queue of queues) await queue.pause();
    await resizeTo(3);

    expect(await drain()).toMatchObject({ drained: 0 });
  });

  it('sealing is done as often as one likes, and lanes of other epochs take submissions', async () => {
    const { first, openProcess, resizeTo, drain } = await place(kind);
    for (const lanes of [3, 2, 5]) {
      await resizeTo(lanes);
      await Promise.all([drain(), drain(await openProcess())]);
      await drain();
    }
    await first.entrance.look();
    const submission = fresh();

    await first.entrance.add(submission);

    expect(await lanesWith(first, submission.id)).toEqual([expect.stringMatching(/-05-e4\}$/)]);
  });

  it('the number of lanes is not changed again before the last change is over', async () => {
    const { first, resizeTo, drain } = await place(kind);
    await first.entrance.add(fresh());

    const begun = await resizeTo(3);
    const again = await resizeTo(3);
    await drain();

    expect(liveEpochs(begun)).toHaveLength(2);
    expect(again).toEqual(begun);
    await expect(resizeTo(4)).rejects.toThrow(ResizeUnderWayError);
    await expect(resizeTo(2)).rejects.toThrow(ResizeUnderWayError);
  });

  it('of two who change it at once, one wins, and the other is told', async () => {
    const { first, resizeTo } = await place(kind);

    const ends = await Promise.allSettled([resizeTo(3), resizeTo(4), resizeTo(5)]);

    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await first.epochs.look()).epochs).toHaveLength(2);
  });

  it('a process starts with any number that the store has had, and with no other', async () => {
    const { openProcess, resizeTo, drain } = await place(kind);
    await resizeTo(3);
    await drain();

    const lanes = [(await openProcess(2)).entrance, (await openProcess(3)).entrance].map(
      ({ sets }) => sets.at(-1)?.epoch,
    );

    expect(lanes).toEqual([
      { number: 2, lanes: 3 },
      { number: 2, lanes: 3 },
    ]);
    await expect(openProcess(4)).rejects.toThrow(LaneCountMismatchError);
    await expect(openProcess(4)).rejects.toThrow('LANES is 4, but this queue store is in use with 3 lanes');
  });
});

async function indexesOfUsed({ entrance }: Process): Promise<number[]> {
  const queues = entrance.sets[0]?.queues ?? [];
  const counts = await Promise.all(queues.map(queue => queue.getJobCountByTypes('waiting')));
  return counts.flatMap((count, index) => (count > 0 ? [index] : []));
}

it('on PostgreSQL, a seal waits for those who are adding', async () => {
  const { first, databaseUrl, resizeTo, drain } = await place('postgres');
  await resizeTo(3);
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=bullmq' });
  await client.connect();
  cleanUps.push(() => client.end());
  await client.query('begin');
  await client.query(
    `insert into job (queue, id, seq, name, state, added_at_ms)
     values ('{lane-00-02}', 'in-flight', nextval('job_seq'), 'raise', 'waiting', 0)`,
  );

  await expect(drain()).rejects.toThrow('lock timeout');
  const before = await first.epochs.look();
  await client.query('commit');
  const after = await drain();

  expect(before.sealed).toBe(0);
  expect(after).toMatchObject({ sealed: 1, drained: 0 });
});

it('what was found of a store that has been emptied since does not hold for what it is told anew', async () => {
  const { first, url, resizeTo, drain } = await place('redis');
  await resizeTo(3);
  const found = await first.epochs.look();
  const control = new Redis(url);
  cleanUps.push(() => control.disconnect());

  await control.flushdb();
  const restored = await first.epochs.look();
  const [old] = found.epochs;
  if (old === undefined) throw new Error('there is no epoch');
  // By a worker that was stopped after it had found the old lanes empty.
  await first.epochs.mark('drained', old, found);

  expect(restored.epochs).toEqual(found.epochs);
  expect(restored.store).not.toBe(found.store);
  expect(await first.epochs.look()).toMatchObject({ drained: 0 });
  expect(await drain()).toMatchObject({ drained: 1 });
});

it('a process that slept while an epoch ended, and then finds a seal lost in a failover, adds to the next one', async () => {
  const { url, openProcess, resizeTo, drain } = await place('redis');
  const sleeper = await openProcess();
  const submission = fresh();
  await resizeTo(3);
  expect(await drain()).toMatchObject({ drained: 1 });
  const control = new Redis(url);
  cleanUps.push(() => control.disconnect());
  for (const lane of ['00', '01']) await control.set(`issue-intake:{lane-${lane}-02}:id`, '1');
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 10_000);
  cleanUps.push(() => clock.mockRestore());

  await sleeper.entrance.add(submission);

  expect(await lanesWith(sleeper, submission.id)).toEqual([expect.stringMatching(/-03-e2\}$/)]);
});

it('a process that has looked in time does not look for each submission', async () => {
  const { first } = await place('redis');
  const look = vi.spyOn(first.epochs, 'look');

  await first.entrance.add(fresh());

  expect(look).not.toHaveBeenCalled();
});

const WAITS_FOR_A_LOCK = `select from pg_locks where locktype = 'advisory' and not granted`;

it('an epoch is not over before a unit of work on its lanes has ended', async () => {
  const { databaseUrl, resizeTo, drain } = await place('redis');
  await resizeTo(3);
  const stopped = new pg.Client({ connectionString: databaseUrl });
  await stopped.connect();
  cleanUps.push(() => stopped.end());
  await stopped.query('begin');
  // The lock of lane 1 of 2: see `unitOfWork`.
  await stopped.query('select pg_advisory_xact_lock(7470022, 2 * 65536 + 1)');

  const draining = drain();
  await waitFor(async () => (await rows(databaseUrl, WAITS_FOR_A_LOCK)).length > 0);
  await stopped.query('commit');

  expect(await draining).toMatchObject({ drained: 1 });
});
