import { parseArgs } from 'node:util';
import { PEER_NAMES } from './peers.ts';

export interface Arguments {
  /** A small run, to see that everything works. */
  readonly quick: boolean;
  /** The peers to measure. */
  readonly only: readonly string[];
  /** Measure nothing; write the newest results into the comparison. */
  readonly table: boolean;
}

/** @throws Error that names what is wrong */
export function parseArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean' }, only: { type: 'string' }, table: { type: 'boolean' } },
  });
  const only = values.only?.split(',') ?? PEER_NAMES;
  const unknown = only.filter(name => !PEER_NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`--only: no "${unknown}"; there are ${PEER_NAMES.join(', ')}`);
  return { quick: values.quick ?? false, only, table: values.table ?? false };
}
