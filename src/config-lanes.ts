import type { Common, Stores } from './config.ts';
import { checkLanes, logLevel, stores } from './config-variables.ts';
import type { Environment } from './environment.ts';
import { readFrozen } from './frozen-config.ts';
import { type LanesArguments, readLanesArguments } from './resize/arguments.ts';

export interface LanesConfig extends Common, Stores, LanesArguments {
  readonly role: 'lanes';
}

/** @throws ConfigError */
export function readLanesConfig(environment: Environment, args: readonly string[]): LanesConfig {
  const given = readLanesArguments(args);
  return readFrozen(environment, reader => {
    checkLanes(reader, 'resize', given.resizeTo ?? 0);
    return {
      role: 'lanes',
      // What it does is on the terminal; the log is for what goes wrong.
      logLevel: logLevel(reader, 'warn'),
      ...stores(reader),
      ...given,
    };
  });
}
