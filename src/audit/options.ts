import { parseArgs } from 'node:util';
import { messageOf } from '../errors.ts';

/** The command line cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommandOptions {
  readonly clockSkewMs: number;
  /** One JSON object instead of a table. */
  readonly json: boolean;
}

/**
 * A submission's time of acceptance is that of the request's arrival, by the
 * clock of the API process; it may be on its lane only 1.4 s later (a look into
 * the database, and the add). Of two that one user sends at once, the one that
 * came first may be accepted second.
 */
const DEFAULT_CLOCK_SKEW_MS = 2000;

export const USAGE = 'usage: npm run audit -- [--clock-skew-ms N] [--json]';

/** @throws UsageError */
export function parseCommandLine(args: readonly string[]): CommandOptions {
  const { 'clock-skew-ms': skew = String(DEFAULT_CLOCK_SKEW_MS), json = false } = parse(args);
  if (!/^\d{1,9}$/.test(skew)) {
    throw new UsageError(`--clock-skew-ms must be a whole number of milliseconds, not "${skew}"`);
  }
  return { clockSkewMs: Number(skew), json };
}

function parse(args: readonly string[]) {
  const options = { 'clock-skew-ms': { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
