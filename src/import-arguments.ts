import { parseArgs } from 'node:util';
import { ConfigError } from './environment.ts';
import { messageOf } from './errors.ts';

/** The old CRM's tables, by the names that we use for them. */
export const OLD_TABLES = ['users', 'organizations', 'user_profiles', 'customers'] as const;
export type OldTable = (typeof OLD_TABLES)[number];

/** The names that the tables have there, where they are other ones. */
export type TableNames = Readonly<Partial<Record<OldTable, string>>>;

export interface ImportArguments {
  /** The old database: a URL or a path. */
  readonly from: string;
  readonly tables: TableNames;
  /** Where the rows to look at are written. */
  readonly report: string;
  /** Says what would be done, and changes nothing in the database. */
  readonly dryRun: boolean;
  /** One JSON object instead of tables. */
  readonly json: boolean;
}

const OPTIONS = {
  from: { type: 'string' },
  tables: { type: 'string' },
  report: { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const DEFAULT_REPORT = 'import-report.csv';

export const IMPORT_HELP = `npm run import -- --from <old database> [--dry-run] [--tables users=auth_user,...] [--report <file>] [--json]

Brings users, organizations, profiles and customers of the old CRM into the database.

  --from <old database>  an SQLite file (a path, or sqlite:///path) or postgres://user:password@host/database
  --dry-run              says what would be done, writes the report, and changes nothing
  --tables <list>        old tables that have other names, such as users=auth_user,customers=crm_client
  --report <file>        where the rows to look at go; ${DEFAULT_REPORT} if not given
  --json                 prints one JSON object

What is in the new database already stays as it is. It may be stopped at any point
and run again, and workers may be at work. Reads DATABASE_URL, QUEUE_URL and LANES.
`;

/** @throws ConfigError with one line */
export function readImportArguments(args: readonly string[]): ImportArguments {
  const { from, tables, report = DEFAULT_REPORT, 'dry-run': dryRun = false, json = false } = parse(args);
  if (!from)
    throw new ConfigError(['--from is missing; it must be the old database, a file or postgres://…']);
  if (report === '') throw new ConfigError(['--report needs the name of a file']);
  return { from, tables: tables === undefined ? {} : readTables(tables), report, dryRun, json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const [what = ''] = messageOf(error).split(/\. |\n/);
    const names = Object.keys(OPTIONS).map(name => `--${name}`);
    throw new ConfigError([`${what}; the options are ${names.join(', ')}`]);
  }
}

function readTables(list: string): TableNames {
  const tables: Partial<Record<OldTable, string>> = {};
  for (const pair of list.split(',')) {
    const [ours, theirs = ''] = pair.split('=').map(part => part.trim());
    const table = OLD_TABLES.find(each => each === ours);
    if (table === undefined || theirs === '') {
      throw new ConfigError([
        `--tables takes <name>=<old table>, the names being ${OLD_TABLES.join(', ')}; not "${pair}"`,
      ]);
    }
    tables[table] = theirs;
  }
  return tables;
}
