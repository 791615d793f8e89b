import { replaceStatements } from './statements.ts';

/*
 * Sabotage of a worker process, as a preload: there are no transactions, each
 * statement is committed by itself; and the process dies where a unit of work
 * has written everything but the issues.
 */

replaceStatements(sql => {
  if (/^insert into "?issues/i.test(sql)) process.kill(process.pid, 'SIGKILL');
  return /^(begin|start transaction|commit|rollback)/i.test(sql) ? 'select 1' : sql;
});
