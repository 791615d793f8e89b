import type { Common, Stores } from './config.ts';
import { type MetricsConfig, metrics } from './config-metrics.ts';
import { logLevel, stores } from './config-variables.ts';
import { allowPrivate } from './config-webhook-addresses.ts';
import type { Environment, EnvironmentReader } from './environment.ts';
import { readFrozen } from './frozen-config.ts';

/** Long enough for a receiver that is being started anew; the waits double. */
const DEFAULT_RETRY_AFTER = 5;
const MOST_RETRY_AFTER = 3600;

/** How outcomes are told. */
export interface WebhookVariables {
  /** About how long after a first failed try the next one is, in milliseconds. */
  readonly retryAfterMs: number;
  /** Whether they may go into private networks, and by http. */
  readonly allowPrivate: boolean;
}

export interface WebhooksConfig extends Common, Stores, MetricsConfig {
  readonly role: 'webhooks';
  readonly webhooks: WebhookVariables;
}

/** @throws ConfigError */
export function readWebhooksConfig(environment: Environment): WebhooksConfig {
  return readFrozen(environment, reader => ({
    role: 'webhooks',
    logLevel: logLevel(reader),
    ...stores(reader),
    ...metrics(reader),
    webhooks: webhooks(reader),
  }));
}

export function webhooks(reader: EnvironmentReader): WebhookVariables {
  return {
    retryAfterMs: reader.seconds('WEBHOOK_RETRY_AFTER', MOST_RETRY_AFTER, DEFAULT_RETRY_AFTER) * 1000,
    allowPrivate: allowPrivate(reader),
  };
}
