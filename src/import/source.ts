import { existsSync } from 'node:fs';
import { SourceError } from './source-error.ts';

/*
 * The old CRM's database, read and never written. What differs between SQLite
 * and PostgreSQL is decided here and in the two files that implement it.
 */

/** The values of a row, each as text: statements cast what they select. */
export type Row = Readonly<Record<string, string | null>>;

/** A list is for {@link Source.among}; an exact value is what {@link Source.exact} selected. */
export type Parameter = string | readonly string[] | { readonly exact: string };

export interface Source {
  /** For people: where it is, without secrets. */
  readonly name: string;
  /** The names of tables and views. */
  tables(): Promise<string[]>;
  columns(table: string): Promise<string[]>;
  /** Selects a column's value so that it can be compared with later, whatever its type is. */
  exact(column: string): string;
  /** Whether a statement's parameter, such as `$1`, lists the column's value. */
  among(column: string, parameter: string): string;
  /** @param sql with `$1`, `$2` for the parameters */
  query(sql: string, parameters?: readonly Parameter[]): Promise<Row[]>;
  /** The rows of a statement, some at a time; holds a lock on an SQLite file meanwhile. */
  stream(sql: string): AsyncIterable<Row[]>;
  close(): Promise<void>;
}

/**
 * Opens the old database: `postgres://…`, `sqlite:///path` or the path of a file.
 *
 * @throws SourceError
 */
export async function openSource(url: string): Promise<Source> {
  if (/^postgres(?:ql)?:\/\//i.test(url)) {
    const { PostgresSource } = await import('./postgres-source.ts');
    return PostgresSource.open(url);
  }
  const { SqliteSource } = await import('./sqlite-source.ts');
  return SqliteSource.open(pathOf(url));
}

/**
 * Three slashes begin an absolute path here; to Django's and SQLAlchemy's URLs
 * they begin a relative one, and four an absolute. What is there decides.
 */
function pathOf(url: string): string {
  const { scheme, path } = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<path>.*)$/i.exec(url)?.groups ?? {};
  if (scheme === undefined || path === undefined) return url;
  if (!/^sqlite3?$/i.test(scheme)) {
    throw new SourceError(`--from takes a path, sqlite:// or postgres://, not ${scheme}://`);
  }
  return !existsSync(path) && existsSync(path.slice(1)) ? path.slice(1) : path;
}
