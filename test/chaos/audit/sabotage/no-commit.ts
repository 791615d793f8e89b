import { replaceStatements } from './statements.ts';

/*
 * Sabotage of a worker process, as a preload: what it commits is rolled back,
 * and it finishes its jobs all the same.
 */

replaceStatements(sql => (/^commit/i.test(sql) ? 'rollback' : sql));
