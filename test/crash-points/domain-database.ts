import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { rows } from '../support/rows.ts';
import { databaseUrl, execute, TEMPLATE } from '../support/template-database.ts';

/** In the title of a submission that the database refuses. */
export const POISON = 'poison';

/** More than a user raises for in a run, so that there is always a new customer to make. */
export const ORGANIZATIONS = Array.from(
  { length: 8 },
  (_, n) => `00000000-0000-4000-8000-0000000000${n + 10}`,
);

/** The database of one fleet. */
export interface DomainDatabase {
  readonly url: string;
  /** Throws everybody out, and lets nobody in. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** Nobody can write an issue until the answer is called. Reading goes on. */
  holdIssues(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** @param serverUrl a PostgreSQL with the migrated template */
export async function makeDomainDatabase(serverUrl: string): Promise<DomainDatabase> {
  const name = await makeDatabase(serverUrl, TEMPLATE);
  const url = databaseUrl(serverUrl, name);
  const organizations = ORGANIZATIONS.map(id => `('${id}', 'of ${id}')`).join(', ');
  await execute(
    url,
    `insert into organizations (id, name) values ${organizations};
     alter table issues add constraint no_poison check (title not like '%${POISON}%')`,
  );
  const mayConnect = (may: boolean) => execute(serverUrl, `alter database ${name} allow_connections ${may}`);
  return {
    url,
    async shut() {
      await mayConnect(false);
      await rows(
        serverUrl,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      );
    },
    open: () => mayConnect(true),
    holdIssues: () => holdIssues(url),
    drop: () => execute(serverUrl, `drop database ${name} with (force)`),
  };
}

/** @returns its name */
export async function makeDatabase(serverUrl: string, template = 'template1'): Promise<string> {
  const name = `crash_points_${randomBytes(8).toString('hex')}`;
  await execute(serverUrl, `create database ${name} template ${template}`);
  return name;
}

async function holdIssues(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('lock table issues in share mode');
  return () => client.end();
}
