import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rows } from '../support/rows.ts';
import { freshDatabase } from '../support/services.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { readReport, runImport, summaryOf } from './support/import-process.ts';
import { linesOf, readNew, versionsOf } from './support/new-database.ts';
import { makeOldCrm, type OldCrm } from './support/old-crm.ts';
import { writePostgres, writeSqlite } from './support/old-databases.ts';

/** IMPORT_USERS=200000 is the long form. */
const USERS = Number(process.env.IMPORT_USERS ?? 5000);
const PATIENCE_MS = 60_000 + USERS * 5;

const SOURCES = ['SQLite', 'PostgreSQL'] as const;

interface Old {
  readonly crm: OldCrm;
  readonly from: string;
  readonly folder: string;
  readonly report: string;
  readonly databaseUrl: string;
}

async function setup(source: (typeof SOURCES)[number], users = USERS, seed = 1): Promise<Old> {
  const folder = await makeTempFolder('import');
  const database = await freshDatabase();
  onTestFinished(async () => {
    await database.drop();
    await removeTempFolder(folder);
  });
  const crm = makeOldCrm({ users, seed, anyIds: source === 'SQLite' });
  const old = { crm, folder, report: path.join(folder, 'report.csv'), databaseUrl: database.url };
  if (source === 'SQLite') {
    const file = path.join(folder, 'old.sqlite3');
    writeSqlite(file, crm);
    return { ...old, from: `sqlite://${file}` };
  }
  const server = await freshDatabase();
  onTestFinished(() => server.drop());
  await rows(server.url, 'drop schema public cascade; create schema public');
  await writePostgres(server.url, crm);
  return { ...old, from: server.url };
}

const ALL_ADDED = { added: 0, there: expect.any(Number) };
const NOTHING_ADDED = {
  organizations: ALL_ADDED,
  users: ALL_ADDED,
  profiles: ALL_ADDED,
  customers: ALL_ADDED,
};

describe.for(SOURCES)('from %s', { timeout: PATIENCE_MS }, source => {
  it('brings everything in, reports exactly the damage, and changes nothing when run again', async () => {
    const { crm, from, report, databaseUrl } = await setup(source);
    const args = ['--from', from, '--report', report, '--json'];

    const dry = await runImport([...args, '--dry-run'], { databaseUrl });
    const foreseen = readReport(report).sort();
    const untouched = await rows(databaseUrl, 'select from users union all select from organizations');
    const run = await runImport(args, { databaseUrl });
    const found = readReport(report).sort();
    const there = await readNew(databaseUrl);
    const before = await versionsOf(databaseUrl);
    const again = await runImport(args, { databaseUrl });

    for (const { code, stderr } of [dry, run, again]) {
      expect(stderr).toMatch(/^(\d+ of \d+\n)+$/);
      expect(code).toBe(0);
    }
    expect(foreseen).toEqual(crm.planted.toSorted());
    expect(untouched).toEqual([]);
    expect(found).toEqual(foreseen);
    expect(there).toEqual(linesOf(crm.truth));
    expect(summaryOf(dry).rows).toEqual(summaryOf(run).rows);
    expect(summaryOf(run).rows.users).toEqual({ added: crm.truth.users.length, there: 0 });
    expect(summaryOf(again).rows).toEqual(NOTHING_ADDED);
    expect(readReport(report).sort()).toEqual(found);
    expect(await versionsOf(databaseUrl)).toEqual(before);
    if (process.env.IMPORT_USERS) {
      const figures = [dry, run, again].map(
        each => `${summaryOf(each).tookMs} ms, ${each.peakMegabytes.toFixed(0)} MB`,
      );
      console.log(`${source}, ${USERS} users: dry ${figures[0]}; run ${figures[1]}; again ${figures[2]}`);
    }
  });

  it('may be killed at any point and run again', async () => {
    const { crm, from, report, databaseUrl } = await setup(source, Math.max(USERS, 8000), 2);
    const args = ['--from', from, '--report', report, '--json'];

    const kills = [];
    for (const killAt of [/\d+ of/, /(\d+ of \d+\n){3}/, /(\d+ of \d+\n){6}/]) {
      kills.push(await runImport(args, { databaseUrl, killAt }));
      expect(existsSync(report)).toBe(false);
    }
    const last = await runImport(args, { databaseUrl });

    expect(kills.map(({ code }) => code)).toEqual([null, null, null]);
    expect(last).toMatchObject({ code: 0, stderr: expect.not.stringContaining('issue-intake') });
    expect(summaryOf(last).rows.users.there).toBeGreaterThan(0);
    expect(summaryOf(last).rows.users.added).toBeGreaterThan(0);
    expect(await readNew(databaseUrl)).toEqual(linesOf(crm.truth));
    expect(readReport(report).sort()).toEqual(crm.planted.toSorted());
  });
});
