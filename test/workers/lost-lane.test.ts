import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { LaneLostError } from '../../src/lane-lost-error.ts';
import { laneNumber } from '../../src/lanes.ts';
import { unitOfWork } from '../../src/workers/unit-of-work.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { startRedis } from '../support/redis-server.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase } from '../support/services.ts';
import { aSubmission, LANE, owned } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet } from '../support/worker-fleet.ts';

/*
 * A worker that waits for the database has a batch in its hands while its lane
 * becomes another's. What it holds must not be applied late, after what the
 * user has sent since.
 */

test('a unit of work writes nothing when its lane turns out to be lost', async () => {
  const { url } = await freshDatabase();
  const orm = openDatabase(url);
  onTestFinished(() => orm.close());
  const lost = { ...owned(), confirm: () => Promise.reject(new LaneLostError('it is gone')) };

  const work = unitOfWork(orm, lost, em => em.execute(`insert into users (id) values ('u1')`));

  await expect(work).rejects.toThrow(LaneLostError);
  expect(await rows(url, 'select id from users')).toEqual([]);
});

test('what a worker held when the queue store forgot it is not applied after newer submissions', async () => {
  const redis = await startRedis({ appendonly: true });
  onTestFinished(() => redis.stop());
  const fleet = await openWorkerFleet({ lanes: 1, queueUrl: redis.url });
  onTestFinished(() => fleet.close());
  const database = await openForeignWriter(fleet.databaseUrl);
  const [forgotten, newer] = [aSubmission(), aSubmission()];
  const worker = await fleet.startWorker();

  await database.query('begin');
  await database.query('select pg_advisory_xact_lock(7470022, $1)', [laneNumber(LANE)]);
  await fleet.intake.accept(forgotten);
  await database.isWaitedFor();
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  await client.flushall();
  await fleet.intake.accept(newer);
  await database.query('commit');

  await waitFor(async () => (await fleet.issues()) > 0);
  await waitFor(async () => (await fleet.unfinished()) === 0);
  expect(await rows(fleet.databaseUrl, 'select id from issues')).toEqual([{ id: newer.id }]);
  expect(worker.lines.filter(line => line.includes('no longer ours'))).not.toEqual([]);
});
