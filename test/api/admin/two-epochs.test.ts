import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openSettings } from '../../../src/epoch-records.ts';
import { laneOf, shortLabel } from '../../../src/lanes.ts';
import { openQueueStore } from '../../../src/queue-store.ts';
import { resize } from '../../../src/resize/resize.ts';
import { asObject, type StoreKind, type System, startSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { getAsAdmin, lifeAsAdmin, redriveAsAdmin, untilRefused } from '../support/as-admin.ts';

/*
 * While the number of lanes is being changed a user has a lane in each of two epochs.
 */

const OLD = { number: 1, lanes: 2 };
const NEW = { number: 2, lanes: 3 };

/** One submission on a lane of the old epoch, and one on a lane of the new one. */
async function placeInChange(kind: StoreKind) {
  const system = await startSystem(kind, { withWorker: false, lanes: OLD.lanes });
  onTestFinished(() => system.close());
  const store = openQueueStore({ url: system.queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  const organizationId = await system.addOrganization();
  const first = await raise(system, organizationId);
  await resize(await openSettings(store), NEW.lanes);
  await store.seal(OLD);
  const second = await raise(system, organizationId);
  return { system, first, second };
}

async function raise(system: System, organizationId: string): Promise<string> {
  const body = { organizationId, title: 'The tap drips' };
  const answer = await system.send('ann', 'POST', '/api/client/issues/raise', { body });
  return String(answer.body.submissionId);
}

async function lanesShown(system: System) {
  const { lanes } = (await getAsAdmin(system, '/admin/glance/history')).body;
  return (Array.isArray(lanes) ? lanes : []).map(asObject);
}

const [oldLane, newLane] = [OLD, NEW].map(epoch => shortLabel(laneOf(epoch, 'ann')));

test.for<StoreKind>(['redis', 'postgres'])(
  'the administrator finds what is on the lanes of both epochs, on %s',
  async kind => {
    const { system, first, second } = await placeInChange(kind);

    const found = await getAsAdmin(system, '/admin/glance/search?text=ann');
    const lives = [await lifeAsAdmin(system, first), await lifeAsAdmin(system, second)];

    const { submissions } = found.body;
    expect(submissions).toHaveLength(2);
    expect(submissions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ submissionId: first, lane: oldLane, status: 'queued' }),
        expect.objectContaining({ submissionId: second, lane: newLane, status: 'queued' }),
      ]),
    );
    expect(lives.map(({ body: { lane, place, waiting } }) => ({ lane, place, waiting }))).toEqual([
      { lane: oldLane, place: 1, waiting: 1 },
      { lane: newLane, place: 1, waiting: 1 },
    ]);
    for (const { body } of lives) {
      const url = String(body.jobUrl)
        .replace('/admin/queues/', '/admin/queues/api/')
        .replace('/queue/', '/queues/');
      expect((await getAsAdmin(system, url)).body).toMatchObject({ job: { id: body.submissionId } });
    }
  },
);

test('lane bars and metrics are of the lanes of both epochs', async () => {
  const { system } = await placeInChange('redis');

  const lanes = await waitFor(async () => {
    const all = await lanesShown(system);
    const busy = all.filter(({ waiting, oldestMs }) => waiting === 1 && oldestMs !== null);
    return busy.length === 2 ? all : undefined;
  });
  const metrics = await (await fetch(`${system.address}/metrics`)).text();

  expect(lanes.map(({ lane }) => lane)).toEqual(['00', '01', '00-e2', '01-e2', '02-e2']);
  expect(lanes.filter(({ waiting }) => waiting === 1).map(({ lane }) => lane)).toEqual([oldLane, newLane]);
  for (const lane of [oldLane, newLane])
    expect(metrics).toContain(`issue_intake_backlog{lane="${lane}"} 1\n`);
  expect(metrics).toContain('issue_intake_oldest_waiting_seconds{lane="02-e2"} ');
});

test('nothing is redriven meanwhile: the lanes are about to be left', async () => {
  const system = await startSystem('redis', { lanes: OLD.lanes });
  onTestFinished(() => system.close());
  const store = openQueueStore({ url: system.queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  const organization = await system.addOrganization({ active: false });
  const id = await untilRefused(system, await system.raise('ann', organization));
  await system.orm.em.execute('update organizations set active = true');

  await resize(await openSettings(store), NEW.lanes);
  await waitFor(async () => (await lanesShown(system)).length === OLD.lanes + NEW.lanes);
  const during = await redriveAsAdmin(system, id);
  const after = await waitFor(async () => {
    const answer = await redriveAsAdmin(system, id);
    return answer.status === 200 ? answer : undefined;
  });

  expect(during).toMatchObject({ status: 503, body: { code: 'lanes_change' } });
  expect(after.body).toMatchObject({ deed: 'put back' });
  await waitFor(async () => (await lifeAsAdmin(system, id)).body.status === 'applied');
});
