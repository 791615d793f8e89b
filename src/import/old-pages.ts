import type { OldSchema } from './old-schema.ts';
import type { Row, Source } from './source.ts';

/** The old CRM's database, and where in it the tables are. */
export interface OldDatabase {
  readonly source: Source;
  readonly schema: OldSchema;
}

/** Enough to make a round trip worth it; with their rows some megabytes. */
const PAGE = 1000;

/**
 * The rows of a table, with their `id`, in its order: page by page, each behind
 * the last id of the one before. Memory stays flat, no statement grows dearer as
 * it goes on, and nothing is kept open in between.
 *
 * @param from a quoted name, or a query in parentheses
 */
export async function* pages(
  source: Source,
  from: string,
  idColumn: string,
  selected: string,
): AsyncGenerator<Row[]> {
  // By `t.`: the column, not the text that is selected of it.
  const id = `t.${quoted(idColumn)}`;
  const select = (where: string) =>
    `select cast(${id} as text) as id, ${source.exact(id)} as exact, ${selected} from ${from} t ${where} order by ${id} limit ${PAGE}`;
  let page = await source.query(select(''));
  while (page.length > 0) {
    yield page;
    page = await source.query(select(`where ${id} > $1`), [{ exact: page.at(-1)?.exact ?? '' }]);
  }
}

export function idOf(row: Row): string {
  return row.id ?? '';
}

/** A column as text; null where the old table has none. */
export function text(column: string | undefined): string {
  return column === undefined ? 'cast(null as text)' : `cast(${quoted(column)} as text)`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
