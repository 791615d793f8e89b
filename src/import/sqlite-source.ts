import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { messageOf } from '../errors.ts';
import type { Parameter, Row, Source } from './source.ts';
import { SourceError } from './source-error.ts';

/** How long to wait for a writer, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;
const ROWS_PER_PIECE = 1000;

const SqliteRow = Compile(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])));

/**
 * A file of SQLite's, opened for reading only. No transaction is held between
 * two statements: it would keep the old CRM from writing.
 */
export class SqliteSource implements Source {
  readonly name: string;
  readonly #database: DatabaseSync;
  /** Prepared once; a run uses a handful. */
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, database: DatabaseSync) {
    this.name = path;
    this.#database = database;
  }

  /** @throws SourceError */
  static open(path: string): SqliteSource {
    const file = statSync(path, { throwIfNoEntry: false });
    if (file === undefined) throw new SourceError(`there is no file ${path}`);
    if (!file.isFile()) throw new SourceError(`${path} is no file`);
    try {
      const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
      database.prepare('select count(*) from sqlite_schema').get();
      return new SqliteSource(path, database);
    } catch (error) {
      throw new SourceError(`cannot read ${path} as an SQLite database: ${messageOf(error)}`);
    }
  }

  async tables(): Promise<string[]> {
    const found = await this.query(
      `select name from sqlite_schema where type in ('table', 'view') order by name`,
    );
    return found.flatMap(({ name }) => name ?? []);
  }

  async columns(table: string): Promise<string[]> {
    const found = await this.query('select name from pragma_table_info($1)', [table]);
    return found.flatMap(({ name }) => name ?? []);
  }

  exact(column: string): string {
    return `typeof(${column}) || ' ' || cast(${column} as text)`;
  }

  among(column: string, parameter: string): string {
    return `${column} in (select value from json_each(${parameter}))`;
  }

  async query(sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    const named = Object.fromEntries(parameters.map((value, index) => [`$${index + 1}`, bound(value)]));
    return this.#reading(() => this.#prepare(sql).all(named).map(rowOf));
  }

  async *stream(sql: string): AsyncGenerator<Row[]> {
    let piece: Row[] = [];
    for (const row of this.#reading(() => this.#prepare(sql).iterate())) {
      piece.push(rowOf(row));
      if (piece.length < ROWS_PER_PIECE) continue;
      yield piece;
      piece = [];
    }
    yield piece;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw new SourceError(`cannot read ${this.name}: ${messageOf(error)}`);
    }
  }
}

function rowOf(row: unknown): Row {
  if (!SqliteRow.Check(row)) throw new SourceError('the old database gave a row that is not text');
  return row;
}

/*
 * A column without a declared type keeps numbers and texts as they came, and to
 * SQLite every number is less than every text, and no 7 is a '7'. So an exact
 * value has its type with it, and what looks like a number is listed as both.
 */

const INTEGER = /^(?:0|-?[1-9]\d{0,17})$/;

function bound(value: Parameter): string | bigint | number {
  if (typeof value === 'string') return value;
  if ('exact' in value) return exactly(value.exact);
  return `[${value.flatMap(each => (INTEGER.test(each) ? [each, `"${each}"`] : JSON.stringify(each))).join()}]`;
}

function exactly(typed: string): string | bigint | number {
  const [type = ''] = typed.split(' ', 1);
  const value = typed.slice(type.length + 1);
  if (type === 'integer') return BigInt(value);
  return type === 'real' ? Number(value) : value;
}
