import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { Figures } from '../../src/figures/figures.ts';
import { readFigures, shareFigures } from '../../src/figures/share-figures.ts';
import { openQueueStore, type StoreRelay } from '../../src/queue-store.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import type { StoreKind } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

const STORES: StoreKind[] = ['redis', 'postgres'];
const log = pino({ level: 'silent' });

async function openRelay(kind: StoreKind): Promise<StoreRelay> {
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  const url = kind === 'redis' ? await freshRedisUrl() : database.url;
  const store = openQueueStore({ url, role: 'worker', log });
  const relay = store.openRelay('api');
  onTestFinished(async () => {
    await relay.close();
    await store.close();
  });
  return relay;
}

it.for(STORES)('each process has its newest figures there, and its last when it ends, on %s', async kind => {
  const relay = await openRelay(kind);
  const [api, worker] = [new Figures('api'), new Figures('worker')];
  worker.lanes = [1, 3];
  api.accepted = 7;

  const sharing = [api, worker].map(figures => shareFigures({ relay, figures, log }));
  const both = await waitFor(async () => {
    const shared = await readFigures(relay);
    return shared.length === 2 ? shared : undefined;
  });
  worker.applied = 6;
  await waitFor(async () => (await readFigures(relay)).some(({ applied }) => applied === 6));
  worker.applied = 7;
  await Promise.all(sharing.map(each => each.close()));
  const last = await readFigures(relay);

  expect(both.find(({ id }) => id === api.id)).toMatchObject({ name: 'api', accepted: 7, isLast: false });
  expect(both.find(({ id }) => id === worker.id)).toMatchObject({ name: 'worker', lanes: [1, 3] });
  expect(last.map(({ isLast }) => isLast)).toEqual([true, true]);
  expect(last.find(({ id }) => id === worker.id)).toMatchObject({ applied: 7 });
});

it('what is no snapshot is passed over', async () => {
  const relay = await openRelay('redis');
  await relay.publish('figures.stranger', { applied: 'many' }, { retain: 5000 });
  await relay.publish('unwell.somebody', null, { retain: 5000 });

  expect(await readFigures(relay)).toEqual([]);
});
