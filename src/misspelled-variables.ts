import type { Environment } from './environment.ts';

/*
 * A misspelled variable is worse than a missing one: LANE=8 would start with 16
 * lanes and nobody would know. A name of the environment that is one slip away
 * from one of ours, which itself is not set, is taken for a misspelling.
 */

/** A variable of the environment, and ours that it was probably meant to be. */
export interface Misspelling {
  readonly written: string;
  readonly meant: string;
}

export function findMisspellings(environment: Environment, names: readonly string[]): Misspelling[] {
  const missing = names.filter(name => environment[name] === undefined);
  return Object.keys(environment)
    .filter(written => !names.includes(written))
    .flatMap(written => {
      const meant = missing.find(name => isOneSlipAway(written.toUpperCase(), name));
      return meant === undefined ? [] : [{ written, meant }];
    });
}

/** One letter wrong, missing or too much, two letters swapped, or only the case wrong. */
function isOneSlipAway(written: string, name: string): boolean {
  if (Math.abs(written.length - name.length) > 1) return false;
  let start = 0;
  while (start < name.length && written[start] === name[start]) start++;
  const [restWritten, restName] = [written.slice(start), name.slice(start)];
  return (
    restWritten.slice(1) === restName.slice(1) ||
    restWritten.slice(1) === restName ||
    restWritten === restName.slice(1) ||
    (restWritten[0] === restName[1] &&
      restWritten[1] === restName[0] &&
      restWritten.slice(2) === restName.slice(2))
  );
}
