import { createRequire } from 'node:module';
import { isChosen } from './chosen.ts';

/*
 * Failures for issue-intake, where a transient failure really occurs: inside the
 * unit of work, on its connection. The handler itself never sees a single
 * submission, so there is nowhere to throw "on the first attempt"; instead the
 * server ends the connection (SQLSTATE 57P01) when a unit of work is about to
 * insert the issue of a chosen submission for the first time. All chosen ones of
 * that unit of work have then had their failure. What is cut is real: the
 * transaction is rolled back by PostgreSQL and the pool has to connect again.
 */

const INSERT_ISSUES = /^\s*insert into "?issues"?/i;
const CUT_CONNECTION = 'select pg_terminate_backend(pg_backend_pid())';
/** Version 4: the submissions' ids. Those of organizations and customers are of version 7. */
const SUBMISSION_ID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

type Query = (...args: unknown[]) => unknown;

/** Cuts connections from now on, in this process. @param onFault told how many submissions each cut concerns */
export function injectTransientFaults(onFault: (submissions: number) => void): void {
  // The product's pg, the very copy that MikroORM uses: this folder has one of its own.
  const load = createRequire(new URL('../../src/database.ts', import.meta.url));
  const { Client } = load('pg') as { Client: { prototype: { query: Query } } };
  const query = Client.prototype.query;
  const failed = new Set<string>();

  Client.prototype.query = function faulty(this: unknown, ...args: unknown[]): unknown {
    const first = chosenIn(args).filter(id => !failed.has(id));
    if (first.length === 0) return query.apply(this, args);
    for (const id of first) failed.add(id);
    onFault(first.length);
    const callback = args.find(arg => typeof arg === 'function');
    return query.apply(this, callback === undefined ? [CUT_CONNECTION] : [CUT_CONNECTION, callback]);
  };
}

/** The chosen submissions whose issues a query is about to insert. */
function chosenIn([query, values]: unknown[]): string[] {
  const { text, parameters } = statementOf(query, values);
  if (!INSERT_ISSUES.test(text)) return [];
  const ids = `${text} ${JSON.stringify(parameters)}`.match(SUBMISSION_ID) ?? [];
  return [...new Set(ids)].filter(isChosen);
}

function statementOf(query: unknown, values: unknown): { text: string; parameters: unknown } {
  if (typeof query === 'string') return { text: query, parameters: values };
  if (typeof query !== 'object' || query === null || !('text' in query)) return { text: '', parameters: [] };
  return { text: String(query.text), parameters: 'values' in query ? query.values : values };
}
