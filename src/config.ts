import { type AccessConfig, access } from './config-access.ts';
import { type AdminConfig, admin, startAdmin } from './config-admin.ts';
import type { CommandConfig } from './config-commands.ts';
import { type MetricsConfig, metrics } from './config-metrics.ts';
import {
  acknowledgedReplicas,
  type BacklogConfig,
  backlog,
  type VolatileConfig,
  volatile,
} from './config-queue.ts';
import { type TokenConfig, tokens } from './config-tokens.ts';
import { type TracingConfig, tracing } from './config-tracing.ts';
import {
  DEFAULT_EMBEDDED_LANES,
  DEFAULT_LANES,
  type LogLevel,
  lanes,
  listening,
  logLevel,
  makeSecret,
  optionalStores,
  readAhead,
  stores,
} from './config-variables.ts';
import { type WebhooksConfig, type WebhookVariables, webhooks } from './config-webhooks.ts';
import type { Environment } from './environment.ts';
import { readFrozen as read } from './frozen-config.ts';

/* The environment, read once: one frozen object for each role, of what it needs. */

export interface Common {
  readonly logLevel: LogLevel;
}

export interface Stores {
  readonly databaseUrl: string;
  readonly queueUrl: string;
}

interface Listening {
  readonly port: number;
  readonly host: string;
}

export interface MigrateConfig extends Common, Stores {
  readonly role: 'migrate';
}

export interface WorkerConfig extends Common, Stores, VolatileConfig, MetricsConfig, TracingConfig {
  readonly role: 'worker';
  readonly lanes: number;
  readonly readAhead: number;
}

export interface ApiConfig
  extends Common,
    Stores,
    Listening,
    VolatileConfig,
    BacklogConfig,
    AccessConfig,
    TracingConfig {
  readonly role: 'api';
  readonly lanes: number;
  /** How many replicas of the Redis must have a submission before it counts as accepted. */
  readonly acknowledgedReplicas: number;
  readonly tokens: TokenConfig;
  /** Undefined: the dashboard is off. */
  readonly admin: AdminConfig | undefined;
}

/** Everything in one process. */
export interface StartConfig extends Common, Listening, BacklogConfig, AccessConfig, TracingConfig {
  readonly role: 'start';
  /** Undefined: an embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Undefined: the same PostgreSQL as the database. */
  readonly queueUrl: string | undefined;
  readonly lanes: number;
  readonly acknowledgedReplicas: number;
  readonly readAhead: number;
  readonly tokens: TokenConfig;
  /** `made` says that nobody knows the password yet. */
  readonly admin: AdminConfig & { readonly made: boolean };
  readonly webhooks: WebhookVariables;
}

export type Config = MigrateConfig | WorkerConfig | ApiConfig | StartConfig | WebhooksConfig | CommandConfig;
export type Role = Config['role'];

/** @throws ConfigError */
export const readMigrateConfig = (environment: Environment): MigrateConfig =>
  read(environment, reader => ({ role: 'migrate', logLevel: logLevel(reader), ...stores(reader) }));

/** @throws ConfigError */
export function readWorkerConfig(environment: Environment): WorkerConfig {
  return read(environment, reader => ({
    role: 'worker',
    logLevel: logLevel(reader),
    ...stores(reader),
    ...volatile(reader),
    ...metrics(reader),
    lanes: lanes(reader, DEFAULT_LANES),
    readAhead: readAhead(reader),
    ...tracing(reader, 'worker'),
  }));
}

/** @throws ConfigError */
export function readApiConfig(environment: Environment): ApiConfig {
  return read(environment, reader => ({
    role: 'api',
    logLevel: logLevel(reader),
    ...stores(reader),
    ...listening(reader),
    acknowledgedReplicas: acknowledgedReplicas(reader),
    ...volatile(reader),
    lanes: lanes(reader, DEFAULT_LANES),
    ...backlog(reader),
    ...access(reader),
    tokens: tokens(reader),
    admin: admin(reader),
    ...tracing(reader, 'api'),
  }));
}

/** Needs no variable at all: secrets that are not set are made anew. @throws ConfigError */
export function readStartConfig(environment: Environment): StartConfig {
  return read(environment, reader => {
    const { databaseUrl, queueUrl } = optionalStores(reader);
    const isEmbedded = databaseUrl === undefined && queueUrl === undefined;
    return {
      role: 'start',
      logLevel: logLevel(reader),
      databaseUrl,
      queueUrl,
      ...listening(reader),
      acknowledgedReplicas: acknowledgedReplicas(reader),
      lanes: lanes(reader, isEmbedded ? DEFAULT_EMBEDDED_LANES : DEFAULT_LANES),
      ...backlog(reader),
      ...access(reader),
      readAhead: readAhead(reader),
      tokens: tokens(reader, makeSecret(48)),
      admin: startAdmin(reader),
      webhooks: webhooks(reader),
      ...tracing(reader, 'start'),
    };
  });
}
