import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { LaneAges } from '../../src/api/lane-ages.ts';
import { allLanes, laneQueueName } from '../../src/lanes.ts';
import { JOB_NAME, type LaneQueue, openQueueStore } from '../../src/queue-store.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import type { StoreKind } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

const STORES: StoreKind[] = ['redis', 'postgres'];
const SECOND = 1000;

async function openLanes(kind: StoreKind) {
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  const url = kind === 'redis' ? await freshRedisUrl() : database.url;
  const store = openQueueStore({ url, role: 'worker', log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  const [empty, busy] = allLanes(2).map(lane => store.openQueue(laneQueueName(lane)));
  const consumer = store.openConsumer({ index: 1, of: 2 });
  onTestFinished(() => consumer.close());
  if (empty === undefined || busy === undefined) throw new Error();
  const sets = [{ epoch: { number: 1, lanes: 2 }, queues: [empty, busy] }];
  return { store, consumer, lanes: () => sets, empty, busy };
}

async function add(queue: LaneQueue, secondsAgo: number): Promise<void> {
  const data = { userId: 'ann', organizationId: randomUUID(), title: 'The tap drips' };
  await queue.add(JOB_NAME, data, { jobId: randomUUID(), timestamp: Date.now() - secondsAgo * SECOND });
}

it.for(STORES)('a lane is as old as its head, be it active or waiting, on %s', async kind => {
  const { store, consumer, lanes, empty, busy } = await openLanes(kind);
  for (const secondsAgo of [90, 60, 30]) await add(busy, secondsAgo);
  const read = async () => {
    const ages = new LaneAges(lanes, store.head);
    await ages.follow();
    ages.close();
    return [ages.of(empty), Math.floor((ages.of(busy) ?? 0) / (10 * SECOND)) * 10];
  };

  const waiting = await read();
  const head = await waitFor(() => consumer.next());
  const active = await read();
  const outcome = { status: 'rejected', code: 'organization_not_found', detail: '' } as const;
  await consumer.finish([{ job: head, outcome }], false);
  const next = await read();

  expect({ waiting, active, next }).toEqual({
    waiting: [undefined, 90],
    active: [undefined, 90],
    next: [undefined, 60],
  });
});

it.for(STORES)('one that is tried again has not waited since it was accepted, on %s', async kind => {
  const { store, consumer, lanes, busy } = await openLanes(kind);
  await add(busy, 3600);
  const head = await waitFor(() => consumer.next());
  const outcome = { status: 'rejected', code: 'organization_not_found', detail: '' } as const;
  await consumer.finish([{ job: head, outcome }], false);
  await (await busy.getJob(head.id ?? ''))?.retry('failed');
  const ages = new LaneAges(lanes, store.head);

  await ages.follow();
  ages.close();

  expect(await busy.getJobCountByTypes('waiting')).toBe(1);
  expect(ages.of(busy)).toBeUndefined();
});
