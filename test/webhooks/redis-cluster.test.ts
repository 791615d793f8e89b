import { expect, onTestFinished, test } from 'vitest';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { aSubmission } from '../support/submissions.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { setup } from './support/setup.ts';

test('endpoints have their turns on a Redis Cluster as well', { timeout: 120_000 }, async () => {
  const { apply, addEndpoint, startCourier, nothingIsLeft, query } = await setup();
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.stop());
  const receiver = await openReceiver();
  receiver.answer((_, nth) => (nth % 3 === 0 ? 500 : 200));
  for (let n = 0; n < 4; n++) await addEndpoint(`${receiver.url}/${n}`, { ordered: true });
  await startCourier(cluster.url);

  for (let n = 0; n < 10; n++) await apply(aSubmission());
  await nothingIsLeft();

  const issues = (await query('select id from issues order by number')).map(({ id }) => id);
  for (let n = 0; n < 4; n++) {
    expect(receiver.delivered(`/${n}`).map(({ submissionId }) => submissionId)).toEqual(issues);
  }
});
