import type { Common, Stores } from './config.ts';
import { DEFAULT_LANES, lanes, logLevel, stores } from './config-variables.ts';
import type { Environment } from './environment.ts';
import { readFrozen } from './frozen-config.ts';
import { type RedriveArguments, readRedriveArguments } from './redrive/arguments.ts';

export interface RedriveConfig extends Common, Stores, RedriveArguments {
  readonly role: 'redrive';
  readonly lanes: number;
}

/** @throws ConfigError */
export function readRedriveConfig(environment: Environment, args: readonly string[]): RedriveConfig {
  const given = readRedriveArguments(args);
  return readFrozen(environment, reader => ({
    role: 'redrive',
    // What it does is on the terminal; the log is for what goes wrong.
    logLevel: logLevel(reader, 'warn'),
    ...stores(reader),
    lanes: lanes(reader, DEFAULT_LANES),
    ...given,
  }));
}
