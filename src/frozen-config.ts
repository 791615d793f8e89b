import { VARIABLES } from './config-variables.ts';
import { type Environment, EnvironmentReader } from './environment.ts';
import { findMisspellings } from './misspelled-variables.ts';

/**
 * What `make` makes of the environment, frozen through and through.
 *
 * @throws ConfigError when it noted a mistake, or a variable looks like a misspelled one of ours
 */
export function readFrozen<C extends object>(
  environment: Environment,
  make: (reader: EnvironmentReader) => C,
): C {
  const reader = new EnvironmentReader(environment);
  for (const { written, meant } of findMisspellings(environment, VARIABLES)) {
    reader.mistake(written, `is no variable of issue-intake; did you mean ${meant}?`);
  }
  const config = make(reader);
  reader.finish();
  return freeze(config);
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freeze(member);
  }
  return Object.freeze(value);
}
