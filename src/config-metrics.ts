import { host } from './config-variables.ts';
import type { EnvironmentReader } from './environment.ts';

/** Where a worker answers /metrics, /healthz and /readyz. */
export interface MetricsConfig {
  /** 0 for any that is free; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
}

export function metrics(reader: EnvironmentReader): MetricsConfig {
  return {
    metricsPort: reader.portOrOff('METRICS_PORT'),
    metricsHost: reader.text('METRICS_HOST') ?? host(reader),
  };
}
