import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { describe, type TestContext } from 'vitest';
import { openBlockingProxy } from '../support/blocking-proxy.ts';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { freshRedisUrl } from '../support/services.ts';
import { aSubmission } from '../support/submissions.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';

const USER = 'a user of the lane';

async function setup({ onTestFinished }: TestContext) {
  const queueUrl = await freshRedisUrl();
  const proxy = await openBlockingProxy(queueUrl);
  onTestFinished(() => proxy.close());
  const fleet = await openWorkerFleet({ lanes: 1, queueUrl });
  onTestFinished(() => fleet.close());
  const worker = startWatched(fleet.databaseUrl, proxy.url);
  onTestFinished(async () => {
    await worker.end('SIGKILL');
  });

  await isRunning(worker);
  const raise = raiser(fleet);
  // It has worked, and waits for more.
  await raise(1);
  await waitFor(async () => (await fleet.issues()) === 1);
  await waitFor(() => proxy.blocking === 1);
  return { fleet, proxy, worker, raise };
}

function startWatched(databaseUrl: string, queueUrl: string): ProductProcess {
  const environment = { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, LANES: '1' };
  return startProduct('worker', environment, { script: 'test/support/watched-worker.ts' });
}

/** However long a busy machine takes to start a process. */
function isRunning(worker: ProductProcess): Promise<string> {
  return worker.line(line => line.includes('running these lanes'));
}

/** Raises issues of one user, titled by their number. */
function raiser({ intake }: WorkerFleet): (count: number) => Promise<void> {
  let sent = 0;
  return async count => {
    for (let i = 0; i < count; i++) {
      await intake.accept(aSubmission({ userId: USER, title: String(sent++) }));
    }
  };
}

function says(worker: ProductProcess, text: string): boolean {
  return worker.lines.some(line => line.includes(text));
}

async function titles(databaseUrl: string): Promise<unknown[]> {
  const [row] = await rows(databaseUrl, `select array_agg(title order by number) as titles from issues`);
  return Value.Parse(Type.Object({ titles: Type.Array(Type.String()) }), row).titles;
}

const REOPENING = 'opening it anew';

describe.concurrent('a lane whose blocking connection hangs', it => {
  it('goes on by itself when the next connection works', async context => {
    const { fleet, proxy, worker, raise } = await setup(context);

    proxy.freezeBlocking(0);
    await raise(3);

    await waitFor(async () => (await fleet.issues()) === 4);
    context.expect(says(worker, REOPENING)).toBe(false);
    context.expect(await titles(fleet.databaseUrl)).toEqual(['0', '1', '2', '3']);
  });

  it('is opened anew when the next connection hangs too, and the process lives', async context => {
    const { fleet, proxy, worker, raise } = await setup(context);

    proxy.freezeBlocking(1);
    await waitFor(() => proxy.frozen === 2);
    await raise(3);

    await waitFor(async () => (await fleet.issues()) === 4);
    context.expect(says(worker, REOPENING)).toBe(true);
    context.expect(worker.child.exitCode).toBe(null);
    context.expect(await titles(fleet.databaseUrl)).toEqual(['0', '1', '2', '3']);
  });

  it('ends the process when opening it anew is of no use, and another process goes on', async context => {
    const { fleet, proxy, worker, raise } = await setup(context);

    proxy.freezeBlocking(Number.POSITIVE_INFINITY);
    await waitFor(() => proxy.frozen === 2);
    await raise(3);

    context.expect(await worker.ended).toBe(1);
    context.expect(says(worker, REOPENING)).toBe(true);
    context.expect(says(worker, 'does not move although it was opened anew')).toBe(true);
    await fleet.startWorker();
    await waitFor(async () => (await fleet.unfinished()) === 0);
    context.expect(await titles(fleet.databaseUrl)).toEqual(['0', '1', '2', '3']);
  });
});

/** Longer than the watched worker's watchdog needs to reopen a lane and to give it up. */
const LONGER_THAN_BOTH_BOUNDS_MS = 13_000;

describe.concurrent('a lane that has to wait', it => {
  it.for(['the queue store', 'the database'] as const)('for %s is not stuck', async (what, context) => {
    const fleet = await openWorkerFleet({ lanes: 1 });
    context.onTestFinished(() => fleet.close());
    const urls = [fleet.databaseUrl, fleet.queueUrl] as const;
    const [database, queue] = await Promise.all([openTcpProxy(urls[0]), openTcpProxy(urls[1])]);
    context.onTestFinished(async () => {
      await Promise.all([database.close(), queue.close()]);
    });
    const worker = startWatched(database.url, queue.url);
    context.onTestFinished(async () => {
      await worker.end('SIGKILL');
    });
    await isRunning(worker);
    const raise = raiser(fleet);
    await raise(1);
    await waitFor(async () => (await fleet.issues()) === 1);
    const away: TcpProxy = what === 'the database' ? database : queue;

    away.cut();
    await raise(2);
    await sleep(LONGER_THAN_BOTH_BOUNDS_MS);
    away.mend();

    await waitFor(async () => (await fleet.issues()) === 3);
    context.expect(says(worker, REOPENING)).toBe(false);
    context.expect(await titles(fleet.databaseUrl)).toEqual(['0', '1', '2']);
  });
});
