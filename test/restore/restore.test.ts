import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { migrate } from '../../src/database.ts';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { type Api, addOrganizations, deployOn } from '../rolling-upgrade/deployment.ts';
import { setup } from '../support/embedded-postgres.ts';
import { startRedis } from '../support/redis-server.ts';
import { rows } from '../support/rows.ts';
import { ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { copyPostgres, copyRedis } from './copies.ts';

/* Back up and restore, as docs/operating.md says: the queue store's copy first, the database's after it. */

const USERS = ['ann', 'bob', 'cleo'];

async function raiseTwiceEach(api: Api): Promise<void> {
  for (const organization of [ORGANIZATION_A, ORGANIZATION_B]) {
    for (const user of USERS) await api.raise(user, organization);
  }
}

const issuesOf = (url: string) =>
  rows(url, 'select id, number, customer_id, accepted_at, created_at from issues order by number');

it('a restored pair of copies loses nothing and doubles nothing', { timeout: 180_000 }, async () => {
  const copies = await makeTempFolder('copies');
  onTestFinished(() => removeTempFolder(copies));
  const [postgres, redis] = [await setup(), await startRedis({ appendonly: true })];
  onTestFinished(() => redis.stop());
  const database = await postgres.start();
  await migrate(database.url);
  await addOrganizations(database.url);
  const before = deployOn(database.url, redis.url);
  const [api, firstWorker] = await Promise.all([before.startApi(), before.startWorker()]);
  await raiseTwiceEach(api);
  await before.ended(6);
  await firstWorker.stop();
  // Six wait when Redis is copied, and are applied when PostgreSQL is.
  await raiseTwiceEach(api);
  await copyRedis(redis.port, path.join(copies, 'appendonlydir'));
  const secondWorker = await before.startWorker();
  await before.ended(12);
  await api.raise('ann', ORGANIZATION_A);
  await before.ended(13);
  await copyPostgres(database.url, postgres.dataDir, path.join(copies, 'postgres'));
  const asCopied = await issuesOf(database.url);
  await Promise.all([api.stop(), secondWorker.stop()]);
  await redis.stop();
  await database.stop();

  const restoredDatabase = await startEmbeddedPostgres({ dataDir: path.join(copies, 'postgres') });
  onTestFinished(() => restoredDatabase.stop());
  const restoredRedis = await startRedis({ appendonly: true, args: ['--dir', copies] });
  onTestFinished(() => restoredRedis.stop());
  const after = deployOn(restoredDatabase.url, restoredRedis.url);
  expect(await after.audit()).toMatch(/ 6 waiting/);
  const [apiAgain] = await Promise.all([after.startApi(), after.startWorker()]);
  await apiAgain.raise('bob', ORGANIZATION_A);
  await after.ended(14);

  expect((await issuesOf(restoredDatabase.url)).slice(0, 13)).toEqual(asCopied);
  const audit = await after.audit();
  expect(audit).toMatch(/ 0 waiting/);
  expect(audit).toContain('nothing is wrong');
});
