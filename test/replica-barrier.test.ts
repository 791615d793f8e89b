import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { type OpenedIntake, openIntake } from '../src/api/open-intake.ts';
import { QueueUnavailableError } from '../src/errors.ts';
import { openQueueStore } from '../src/queue-store.ts';
import { TooFewReplicasError } from '../src/replica-barrier.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { aSubmission } from './support/submissions.ts';
import { waitFor } from './support/wait-for.ts';

const LANES = 4;
const FIRST_COPY_AT_ONCE = ['--repl-diskless-sync-delay', '0'];

async function setup() {
  const master = await startRedis({ args: FIRST_COPY_AT_ONCE });
  onTestFinished(() => master.stop());
  const replica = await startReplica(master);
  const intake = await openSafeIntake(master.url);
  const first = aSubmission();
  const accepts = () => waitFor(() => succeeds(intake.accept(first)));
  await accepts();
  return { master, replica, intake, accepts };
}

async function startReplica(master: RedisServer): Promise<RedisServer> {
  const replica = await startRedis({
    args: ['--replicaof', '127.0.0.1', String(master.port)],
  });
  onTestFinished(() => replica.stop());
  return replica;
}

async function openSafeIntake(url: string): Promise<OpenedIntake> {
  const store = openQueueStore({
    url,
    role: 'producer',
    log: pino({ level: 'silent' }),
    acknowledgedReplicas: 1,
  });
  await waitFor(() => succeeds(store.ping()));
  const intake = await openIntake({ store, lanes: LANES, log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await intake.close();
    await store.close();
  });
  return intake;
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

it('accepts what the replica has, many at once and the same again', async () => {
  const { replica, intake } = await setup();
  const submissions = Array.from({ length: 200 }, (_, n) => aSubmission({ userId: `user-${n}` }));

  await Promise.all(submissions.map(submission => intake.accept(submission)));
  await Promise.all(submissions.map(submission => intake.accept(submission)));

  // With the master gone there is nobody to follow: what the replica has now it had before.
  const kept = openQueueStore({ url: replica.url, role: 'producer', log: pino({ level: 'silent' }) });
  onTestFinished(() => kept.close());
  // A replica takes no writes, and so no ping of ours.
  await waitFor(() => succeeds(kept.durability()));
  const jobs = intake.queues.map(({ name }) => kept.openQueue(name).getWaitingCount());
  expect((await Promise.all(jobs)).reduce((sum, count) => sum + count)).toBe(201);
});

it('refuses while the replica is frozen or gone, and accepts again by itself', async () => {
  const { replica, intake, accepts } = await setup();

  process.kill(replica.pid, 'SIGSTOP');
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => intake.accept(aSubmission())));
  process.kill(replica.pid, 'SIGCONT');
  await accepts();
  await replica.kill();
  const afterDeath = intake.accept(aSubmission());

  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
  await expect(afterDeath).rejects.toThrow(QueueUnavailableError);
  await replica.restart();
  await accepts();
});

it('does not take the word of a master that has not got the job', async () => {
  const { master } = await setup();
  const store = openQueueStore({
    url: master.url,
    role: 'producer',
    log: pino({ level: 'silent' }),
    acknowledgedReplicas: 1,
  });
  onTestFinished(() => store.close());
  await waitFor(() => succeeds(store.ping()));
  const queue = store.openQueue('{lane-00-04}');

  await expect(store.acknowledged(queue, 'never-added')).rejects.toThrow(TooFewReplicasError);
});
