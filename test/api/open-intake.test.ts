import { randomUUID } from 'node:crypto';
import { Worker } from 'bullmq';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openIntake } from '../../src/api/open-intake.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { freshRedisUrl } from '../support/services.ts';

test('a submission that is refused between two looks at its job has its own reason', async () => {
  const url = await freshRedisUrl();
  const log = pino({ level: 'silent' });
  const store = openQueueStore({ url, role: 'producer', log });
  const intake = await openIntake({ store, lanes: 1, log });
  onTestFinished(async () => {
    await intake.close();
    await store.close();
  });
  const [queue] = intake.queues;
  if (queue === undefined) throw new Error('there is no lane');
  const { prefix = 'bull' } = queue.opts;
  const worker = new Worker(queue.name, null, { connection: { url }, prefix, autorun: false });
  onTestFinished(() => worker.close());
  const id = randomUUID();
  const body = { organizationId: randomUUID(), title: 'The tap drips' };
  await intake.accept({ ...body, id, userId: 'ann', acceptedAt: new Date(), attempt: 0 });

  const getJob = queue.getJob.bind(queue);
  vi.spyOn(queue, 'getJob').mockImplementationOnce(async jobId => {
    const read = await getJob(jobId);
    const job = await worker.getNextJob('token');
    await job?.moveToFailed(new Error('profile_suspended: it is suspended'), 'token');
    return read;
  });
  const found = await intake.find('ann', id);

  expect(found?.state).toEqual({
    status: 'rejected',
    code: 'profile_suspended',
    detail: 'it is suspended',
  });
});
