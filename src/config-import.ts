import type { Common, Stores } from './config.ts';
import { DEFAULT_LANES, lanes, logLevel, stores } from './config-variables.ts';
import type { Environment } from './environment.ts';
import { readFrozen } from './frozen-config.ts';
import { type ImportArguments, readImportArguments } from './import-arguments.ts';

export interface ImportConfig extends Common, Stores, ImportArguments {
  readonly role: 'import';
  readonly lanes: number;
}

/** @throws ConfigError */
export function readImportConfig(environment: Environment, args: readonly string[]): ImportConfig {
  const given = readImportArguments(args);
  return readFrozen(environment, reader => ({
    role: 'import',
    // What it does is on the terminal; the log is for what goes wrong.
    logLevel: logLevel(reader, 'warn'),
    ...stores(reader),
    lanes: lanes(reader, DEFAULT_LANES),
    ...given,
  }));
}
