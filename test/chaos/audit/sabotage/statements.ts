import pg from 'pg';

/** Puts `replace` between the process and PostgreSQL: what it makes of each statement is sent instead. */
export function replaceStatements(replace: (sql: string) => string): void {
  const { query } = pg.Client.prototype;
  const replaced = function (this: pg.Client, first: unknown, ...rest: unknown[]) {
    return Reflect.apply(query, this, [typeof first === 'string' ? replace(first) : first, ...rest]);
  };
  Object.defineProperty(pg.Client.prototype, 'query', { value: replaced, writable: true });
}
