import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Delivery } from '../../src/webhooks/deliveries.ts';
import type { Sent } from '../../src/webhooks/send.ts';
import { TellAtOnce } from '../../src/webhooks/tell-at-once.ts';

const NEVER = new AbortController().signal;
const AT = '2026-01-02T03:04:05.678Z';

function aDelivery(place: number): Delivery {
  const refused = { status: 'rejected', code: 'organization_inactive', detail: 'not active' } as const;
  const ids = { id: randomUUID(), submission_id: randomUUID(), organization_id: randomUUID(), user_id: 'u1' };
  const issue = { number: null, title: null, description: null, priority: null, category: null };
  const times = { decided_at: AT, issue_status: null, accepted_at: null, created_at: null };
  return { ...refused, ...ids, ...issue, ...times, position: '1', entry: '1', place, tries: 0, is_due: true };
}

test('one that is answered counts as sent until that has been taken, and so written down', async () => {
  const answers = [0, 1].map(() => Promise.withResolvers<Sent>());
  const [first, second] = [aDelivery(0), aDelivery(1)];
  const waiting = answers.values();
  const telling = new TellAtOnce(() => false, {
    sender: { send: () => waiting.next().value?.promise ?? Promise.reject(), close: () => {} },
    pace: { next: async () => {} },
    retryAfterMs: 1,
    stopping: NEVER,
    leaving: NEVER,
  });
  telling.aim({ url: 'https://a.test', ordered: false, secrets: [] });
  telling.begin([first, second]);

  answers[0]?.resolve({ result: 'delivered' });
  await telling.settle(0);
  const taken = telling.take();
  const afterFirst = [...telling.sending.keys()];
  answers[1]?.resolve({ result: 'delivered' });
  await telling.settle(1000);
  const afterSecond = [...telling.sending.keys()];

  expect(taken.done).toEqual([first]);
  expect([afterFirst, afterSecond]).toEqual([[second.id], [second.id]]);
  expect(telling.take().done).toEqual([second]);
  expect(telling.sending.size).toBe(0);
});
