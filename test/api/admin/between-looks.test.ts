import Fastify from 'fastify';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { life } from '../../../src/api/admin/life.ts';
import { search } from '../../../src/api/admin/search.ts';
import { openLaneSet } from '../../../src/lane-set.ts';
import { type LaneJob, type LaneQueue, openQueueStore } from '../../../src/queue-store.ts';
import { submissionOf } from '../../../src/submission.ts';
import { ADMIN, type System, type SystemOptions, startSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { redriveAsAdmin, untilRefused } from '../support/as-admin.ts';
import { apply } from '../support/domain.ts';

/*
 * What is known of a submission is in two stores, which are asked one after the
 * other. What happens between the two looks is shown: a page does not look again
 * at what has ended.
 */

const RAISE = '/api/client/issues/raise';

async function place(options: SystemOptions = {}) {
  const system = await startSystem('redis', { lanes: 1, ...options });
  onTestFinished(() => system.close());
  const store = openQueueStore({ url: system.queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  const lanes = await openLaneSet(store, { number: 1, lanes: 1 });
  const [queue] = lanes.queues;
  if (queue === undefined) throw new Error('there is no lane');
  const app = Fastify();
  onTestFinished(() => app.close());
  for (const route of [life, search]) {
    await app.register(route, {
      ...ADMIN,
      orm: system.orm,
      lanes: () => [lanes],
      showContent: false,
      allowActions: true,
    });
  }
  const shown = async (path: string) => (await app.inject(`/admin/glance/${path}`)).json();
  return { system, queue, shown };
}

/** Replaces the next look at a job. */
function onNextLook(queue: LaneQueue, look: (id: string) => Promise<LaneJob | undefined>): void {
  const getJob = queue.getJob.bind(queue);
  queue.getJob = id => {
    queue.getJob = getJob;
    return look(id);
  };
}

async function raise(system: System, organizationId: string): Promise<string> {
  const body = { organizationId, title: 'The tap drips' };
  return String((await system.send('ann', 'POST', RAISE, { body })).body.submissionId);
}

async function refusedOne(system: System): Promise<string> {
  const organization = await system.addOrganization({ active: false });
  return untilRefused(system, await system.raise('ann', organization));
}

/** Resolves with the job when a worker has finished it so often. */
function ended(queue: LaneQueue, id: string, attempts: number): Promise<LaneJob> {
  return waitFor(async () => {
    const job = await queue.getJob(id);
    return job?.finishedOn !== undefined && job.attemptsMade === attempts ? job : undefined;
  });
}

test('a refused one that becomes an issue', async () => {
  const { system, queue, shown } = await place();
  const id = await refusedOne(system);
  onNextLook(queue, async () => {
    await system.orm.em.execute('update organizations set active = true');
    await redriveAsAdmin(system, id);
    return ended(queue, id, 2);
  });

  expect(await shown(`submissions/${id}`)).toMatchObject({
    status: 'applied',
    issue: { number: 1 },
    refusal: { inForce: false },
  });
});

test('a refused one that is refused for another reason', async () => {
  const { system, queue, shown } = await place();
  const id = await refusedOne(system);
  onNextLook(queue, async () => {
    await system.orm.em.execute('delete from organizations');
    await redriveAsAdmin(system, id);
    return ended(queue, id, 2);
  });

  expect(await shown(`submissions/${id}`)).toMatchObject({
    status: 'rejected',
    refusal: { code: 'organization_not_found', released: false },
  });
});

test('a waiting one that is refused between the look at its job and that at its state', async () => {
  const { system, queue, shown } = await place({ withWorker: false });
  const id = await raise(system, await system.addOrganization({ active: false }));
  onNextLook(queue, async () => {
    const read = await queue.getJob(id);
    await system.startWorker();
    await ended(queue, id, 1);
    return read;
  });

  expect(await shown(`submissions/${id}`)).toMatchObject({
    status: 'rejected',
    attempts: 1,
    refusal: { code: 'organization_inactive' },
  });
});

test('an issue whose job is not finished yet has been decided', async () => {
  const { system, queue, shown } = await place({ withWorker: false });
  const id = await raise(system, await system.addOrganization());
  const job = await queue.getJob(id);
  if (job === undefined) throw new Error('it is not on the lane');
  await apply(system.orm, submissionOf(job));

  expect(await shown(`submissions/${id}`)).toMatchObject({ status: 'applied', attempts: 1 });
});

test('a search finds one that becomes an issue meanwhile', async () => {
  const { system, queue, shown } = await place({ withWorker: false });
  const id = await raise(system, await system.addOrganization());
  onNextLook(queue, async () => {
    await system.startWorker();
    return ended(queue, id, 1);
  });

  expect(await shown(`search?text=${id}`)).toMatchObject({
    submissions: [{ submissionId: id, status: 'applied', number: 1 }],
  });
});
