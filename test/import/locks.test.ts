import path from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, it, onTestFinished } from 'vitest';
import { laneIndexOf, laneNumber } from '../../src/lanes.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase } from '../support/services.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { runImport } from './support/import-process.ts';
import { makeOldCrm } from './support/old-crm.ts';
import { writeSqlite } from './support/old-databases.ts';

/*
 * `npm run import` takes the locks that workers take. Without them it would do no
 * visible harm on most days: what it adds meets a worker's rows, and one of the two
 * tries again. So this looks at the lock itself.
 */

const LANE = { index: 2, of: 4 };
const LANES_CLASS = 7_470_022;
const PATIENCE_MS = 60_000;

const WAITING = `
  select 1 from pg_locks l join pg_database d on d.oid = l.database
   where d.datname = current_database() and locktype = 'advisory' and classid = ${LANES_CLASS} and not granted`;

it('adds nobody of a lane while somebody else applies that lane', { timeout: 2 * PATIENCE_MS }, async () => {
  const { from, report, databaseUrl } = await place();
  const worker = await openForeignWriter(databaseUrl);
  await worker.query('begin');
  await worker.query('select pg_advisory_xact_lock($1, $2)', [LANES_CLASS, laneNumber(LANE)]);

  const importing = runImport(['--from', from, '--report', report], { databaseUrl, lanes: LANE.of });
  let over = false;
  void importing.finally(() => {
    over = true;
  });
  await waitFor(async () => over || (await rows(databaseUrl, WAITING)).length === 1, PATIENCE_MS);
  const before = await lanesOfUsers(databaseUrl);
  await worker.query('commit');

  expect(before).not.toContain(LANE.index);
  expect(await importing).toMatchObject({ code: 0 });
  expect(await lanesOfUsers(databaseUrl)).toContain(LANE.index);
});

async function place() {
  const folder = await makeTempFolder('import');
  const { url: databaseUrl, drop } = await freshDatabase();
  onTestFinished(async () => {
    await drop();
    await removeTempFolder(folder);
  });
  const from = path.join(folder, 'old.sqlite3');
  writeSqlite(from, makeOldCrm({ users: 200, seed: 5, anyIds: false }));
  return { from, report: path.join(folder, 'report.csv'), databaseUrl };
}

/** The lanes of which somebody is there. */
async function lanesOfUsers(url: string): Promise<number[]> {
  const found = await rows(url, 'select id from users');
  const ids = found.map(row => Value.Parse(Type.Object({ id: Type.String() }), row).id);
  return [...new Set(ids.map(id => laneIndexOf(id, LANE.of)))];
}
