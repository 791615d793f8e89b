import type { AuditConfig } from './config-audit.ts';
import type { LanesConfig } from './config-lanes.ts';
import type { RedriveConfig } from './config-redrive.ts';

/** Of what an operator runs, and what ends by itself. */
export type CommandConfig = AuditConfig | LanesConfig | RedriveConfig;
