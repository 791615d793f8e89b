import { DriverException } from '@mikro-orm/core';

/*
 * Whose fault a failed unit of work is, by SQLSTATE (PostgreSQL, appendix A):
 *
 *   conflict     another writer came first     try again at once
 *   submission   the data cannot be stored     the submission fails for good
 *   database     everything else that the database or the way to it reports:
 *                away, full, read-only, not migrated, out of connections
 *                                              wait, nobody is to blame
 *   program      not the database at all       the submission fails for good
 */

export type Fault = 'conflict' | 'submission' | 'database' | 'program';

const CONFLICTS = new Map([
  ['23505', 'unique_violation'],
  ['40001', 'serialization_failure'],
  ['40P01', 'deadlock_detected'],
]);

const PASSING_CONFLICTS = new Set(['40001', '40P01']);

/** Class 22 is a data exception, class 23 a constraint that the data breaks. */
const DATA_CLASSES = new Set(['22', '23']);

/** What PostgreSQL answers to a statement with a NUL character in it. */
const CUT_SHORT = '08P01';

const NETWORK_CODES = /^(?!ERR_(?!TLS|SSL))[A-Z][A-Z0-9_]+$|^[0-9A-Z]{5}$/;

export function faultOf(error: unknown): Fault {
  const code = codeOf(error);
  if (code !== undefined && CONFLICTS.has(code)) return 'conflict';
  if (code !== undefined && (code === CUT_SHORT || DATA_CLASSES.has(code.slice(0, 2)))) return 'submission';
  return isFromDatabase(error, code) ? 'database' : 'program';
}

export function isConflict(error: unknown): boolean {
  return faultOf(error) === 'conflict';
}

/** Whether a conflict says nothing about the data: tried often enough, it passes. */
export function isPassing(error: unknown): boolean {
  return PASSING_CONFLICTS.has(codeOf(error) ?? '');
}

/** A bounded name for logs and metrics: `unique_violation`, `deadlock_detected`, or the bare code. */
export function conflictName(error: unknown): string {
  const code = codeOf(error) ?? 'unknown';
  return CONFLICTS.get(code) ?? code;
}

function isFromDatabase(error: unknown, code: string | undefined): boolean {
  if (error instanceof DriverException) return true;
  if (code !== undefined && NETWORK_CODES.test(code)) return true;
  return error instanceof Error && DRIVER_MESSAGES.test(error.message);
}

/** pg reports a lost or late connection as a bare Error without a code. */
const DRIVER_MESSAGES =
  /^(Connection terminated|timeout expired|The server does not support SSL|There was an error establishing|Client was closed|timeout exceeded|Query read timeout|Client has encountered|Cannot use a pool)/i;

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? undefined : codeOf(error.cause);
}
