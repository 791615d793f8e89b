import type { Common, Stores } from './config.ts';
import { DEFAULT_LANES, lanes, logLevel, stores } from './config-variables.ts';
import type { Environment } from './environment.ts';
import { readFrozen } from './frozen-config.ts';

export interface AuditConfig extends Common, Stores {
  readonly role: 'audit';
  readonly lanes: number;
}

/** @throws ConfigError */
export function readAuditConfig(environment: Environment): AuditConfig {
  return readFrozen(environment, reader => ({
    role: 'audit',
    logLevel: logLevel(reader),
    ...stores(reader),
    lanes: lanes(reader, DEFAULT_LANES),
  }));
}
