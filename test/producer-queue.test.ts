import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { JOB_NAME, openQueueStore } from '../src/queue-store.ts';
import { freshRedisUrl } from './support/services.ts';
import { ORGANIZATION_A } from './support/submissions.ts';
import { openTcpProxy } from './support/tcp-proxy.ts';
import { waitFor } from './support/wait-for.ts';

/** Longer than a producer waits for an answer. */
const TOO_LONG_MS = 1500;

test.each(['cut', 'freeze'] as const)(
  'a queue opened in an outage (%s) works when it is over',
  async trouble => {
    const proxy = await openTcpProxy(await freshRedisUrl());
    const store = openQueueStore({ url: proxy.url, role: 'producer', log: pino({ level: 'silent' }) });
    onTestFinished(async () => {
      await store.close();
      await proxy.close();
    });
    await waitFor(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );

    proxy[trouble]();
    const queue = store.openQueue('{lane-00-01}');
    await sleep(TOO_LONG_MS);
    proxy.mend();

    await waitFor(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );
    const data = { userId: 'u', organizationId: ORGANIZATION_A, title: 'The door does not close' };
    expect((await queue.add(JOB_NAME, data, { jobId: 'j1' })).id).toBe('j1');
  },
);
