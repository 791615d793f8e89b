import pg from 'pg';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { messageOf } from '../errors.ts';
import type { Parameter, Row, Source } from './source.ts';
import { SourceError } from './source-error.ts';

const CONNECTS_WITHIN_MS = 10_000;
const ROWS_PER_PIECE = 1000;

const Rows = Compile(Type.Array(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))));

/** Tables and views that the search path leads to; not those of the system. */
const RELATIONS = `
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any (pg_catalog.current_schemas(false)) and c.relkind in ('r', 'p', 'v', 'm', 'f')`;

/**
 * A database of PostgreSQL's, read in one snapshot of a transaction that cannot
 * write: what the old CRM does meanwhile is not seen, and not held up.
 */
export class PostgresSource implements Source {
  readonly name: string;
  readonly #client: pg.Client;

  private constructor(name: string, client: pg.Client) {
    this.name = name;
    this.#client = client;
  }

  /** @throws SourceError */
  static async open(url: string): Promise<PostgresSource> {
    const client = clientOf(url);
    const name = `${client.database ?? ''} on ${client.host}`;
    // A connection that is lost is told by the statement that waits for it.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('begin isolation level repeatable read read only');
      // While rows are written elsewhere, nothing is asked here.
      await client.query('set local idle_in_transaction_session_timeout = 0');
      await client.query('set local statement_timeout = 0');
      return new PostgresSource(name, client);
    } catch (error) {
      await client.end().catch(() => {});
      throw new SourceError(`cannot connect to the old database ${name}: ${reasonOf(error)}`);
    }
  }

  async tables(): Promise<string[]> {
    const found = await this.query(`select distinct c.relname::text as name ${RELATIONS} order by name`);
    return found.flatMap(({ name }) => name ?? []);
  }

  async columns(table: string): Promise<string[]> {
    const found = await this.query(
      `select a.attname::text as name from pg_catalog.pg_attribute a
        where a.attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1)) and a.attnum > 0 and not a.attisdropped
        order by a.attnum`,
      [table],
    );
    return found.flatMap(({ name }) => name ?? []);
  }

  exact(column: string): string {
    return `cast(${column} as text)`;
  }

  among(column: string, parameter: string): string {
    return `${column} = any (${parameter})`;
  }

  async query(sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    try {
      const { rows } = await this.#client.query(sql, parameters.map(bound));
      if (Rows.Check(rows)) return rows;
    } catch (error) {
      throw new SourceError(`cannot read the old database ${this.name}: ${reasonOf(error)}`);
    }
    throw new SourceError('the old database gave a row that is not text');
  }

  async *stream(sql: string): AsyncGenerator<Row[]> {
    await this.query(`declare streamed no scroll cursor for ${sql}`);
    for (;;) {
      const piece = await this.query(`fetch ${ROWS_PER_PIECE} from streamed`);
      if (piece.length === 0) break;
      yield piece;
    }
    await this.query('close streamed');
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

function bound(value: Parameter): string | readonly string[] {
  return typeof value === 'object' && 'exact' in value ? value.exact : value;
}

/** pg's own words would repeat the URL, which may hold a password. */
function clientOf(url: string): pg.Client {
  try {
    return new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECTS_WITHIN_MS,
      keepAlive: true,
      application_name: 'issue-intake import',
    });
  } catch {
    throw new SourceError('--from must be a URL like postgres://user:password@host:5432/database');
  }
}

/** Where a host has several addresses, each has an error of its own. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? messageOf(error.errors[0]) : messageOf(error);
}
