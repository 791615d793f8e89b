import type { AuditConfig } from './config-audit.ts';
import type { ImportConfig } from './config-import.ts';
import type { LanesConfig } from './config-lanes.ts';
import type { RedriveConfig } from './config-redrive.ts';

/** Of those that do one thing and end. */
export type CommandConfig = AuditConfig | ImportConfig | LanesConfig | RedriveConfig;
