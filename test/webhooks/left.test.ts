import { expect, onTestFinished, test } from 'vitest';
import { relay } from '../../src/webhooks/relay.ts';
import { startRedis } from '../support/redis-server.ts';
import { aSubmission } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { setup } from './support/setup.ts';

test('what is left is counted while the queue store is away', { timeout: 90_000 }, async () => {
  const { orm, query, apply, addEndpoint, startCourier, nothingIsLeft } = await setup();
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const receiver = await openReceiver();
  await addEndpoint(receiver.url);
  await apply(aSubmission());
  await relay(orm, 1);
  await query(`update webhook_deliveries set decided_at = now() - interval '2 hours'`);

  redis.freeze();
  const { figures } = await startCourier(redis.url);
  const left = await waitFor(() => figures.left);
  redis.thaw();
  await nothingIsLeft();

  expect(left.deliveries).toBe(1);
  expect(left.oldestSeconds).toBeGreaterThanOrEqual(7200);
});
