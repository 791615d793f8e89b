import type { MikroORM } from '@mikro-orm/postgresql';
import type { Finding } from './findings.ts';
import { activeHere, missingRows } from './look-at-rows.ts';
import { type NewOrganization, type NewRows, noRows } from './new-rows.ts';
import type { OldDatabase } from './old-pages.ts';
import { knownOrganizations } from './old-people.ts';
import * as reader from './old-reader.ts';
import type { OldPerson } from './old-rows.ts';
import { planOrganization } from './plan-organization.ts';
import { planPerson } from './plan-person.ts';
import type { Report } from './report.ts';
import { SourceError } from './source-error.ts';
import { countsOf, type Tally } from './tally.ts';
import { addRows, type ReadEpochs } from './write-rows.ts';

/*
 * From the old CRM into the new database, without a memory of its own: each page
 * of old rows is planned, compared with what is there, and what is missing is
 * added. So it may be killed at any point and run again: what was done is passed
 * over at the speed of reading.
 */

export interface ImportOptions {
  readonly old: OldDatabase;
  readonly orm: MikroORM;
  /** Those that are not over, now. Not asked in a dry run. */
  readonly epochs: ReadEpochs;
  readonly report: Report;
  readonly tally: Tally;
  /** Told how many organizations and users there are to go through, and then of each page. */
  readonly progress: { total(count: number): void; step(count: number): void };
  readonly dryRun: boolean;
}

/** @throws SourceError, and the database's errors */
export async function importAll(options: ImportOptions): Promise<void> {
  const { old, progress } = options;
  const [organizations, users] = [
    await reader.countRows(old, 'organizations'),
    await reader.countRows(old, 'users'),
  ];
  progress.total(organizations + users + (await reader.countMissingPeople(old)));
  await importOrganizations(options);
  const standIns = new Set<string>();
  const read = await importPeople(options, reader.people(old), standIns);
  // Ids that the old database sorts in no order of its own would end a page early.
  if (read < users)
    throw new SourceError(`read ${read} of ${users} users; were some deleted meanwhile? Run it again`);
  await importPeople(options, reader.missingPeople(old), standIns);
  await reportLostRows(options);
  await reportSharedEmails(options);
}

async function importOrganizations(options: ImportOptions): Promise<void> {
  const { old, report, progress } = options;
  for await (const page of reader.organizations(old)) {
    const findings: Finding[] = [];
    const organizations = page.map(old => planOrganization(old, findings));
    await bringIn(options, { ...noRows(), organizations });
    report.add(findings);
    progress.step(page.length);
  }
}

/**
 * @param standIns the ids of organizations that were made, because old rows name them
 * @returns how many people there were
 */
async function importPeople(
  options: ImportOptions,
  pages: AsyncIterable<OldPerson[]>,
  standIns: Set<string>,
): Promise<number> {
  const { old, orm, report, progress } = options;
  let read = 0;
  for await (const people of pages) {
    const known = await knownOrganizations(old, people);
    const findings: Finding[] = [];
    const rows = noRows();
    for (const person of people) planPerson(person, known, rows, findings);
    await bringIn(options, { ...rows, organizations: firstSeen(rows.organizations, standIns) });
    report.add(findings);
    report.add((await activeHere(orm, rows)).map(asFinding));
    progress.step(people.length);
    read += people.length;
  }
  return read;
}

/** One that many rows name is made, and counted, once. */
function firstSeen(organizations: readonly NewOrganization[], seen: Set<string>): NewOrganization[] {
  return organizations.filter(({ id }) => {
    const isFirst = !seen.has(id);
    seen.add(id);
    return isFirst;
  });
}

/** Adds what is not there, or counts it. */
async function bringIn({ orm, epochs, tally, dryRun }: ImportOptions, rows: NewRows): Promise<void> {
  const missing = await missingRows(orm, rows);
  tally.add(rows, dryRun ? countsOf(missing) : await addRows(orm, epochs, missing));
}

function asFinding(userId: string): Finding {
  const what = 'the old profile is suspended, the one here is active and stays so';
  return { kind: 'profile_active_here', table: 'users', id: userId, userId, what };
}

async function reportLostRows({ old, report }: ImportOptions): Promise<void> {
  for await (const page of reader.lostRows(old)) {
    const what = 'it names no user; left out';
    report.add(page.map(({ table, id }) => ({ kind: 'row_without_user', table, id, userId: null, what })));
  }
}

async function reportSharedEmails({ old, report }: ImportOptions): Promise<void> {
  for await (const page of reader.sharedEmails(old)) {
    report.add(
      page.map(({ id, first }) => {
        const what = `user ${first} has this e-mail, too; both came in`;
        return { kind: 'email_shared', table: 'users', id, userId: id, what };
      }),
    );
  }
}
