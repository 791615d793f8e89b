import { host } from './config-variables.ts';
import type { EnvironmentReader } from './environment.ts';

/** What OpenTelemetry's exporter for Prometheus uses. */
const DEFAULT_METRICS_PORT = 9464;

/** Where a worker answers /metrics, /healthz and /readyz. */
export interface MetricsConfig {
  /** 0 for any that is free; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
}

export function metrics(reader: EnvironmentReader): MetricsConfig {
  return {
    metricsPort: reader.portOrOff('METRICS_PORT', DEFAULT_METRICS_PORT),
    metricsHost: reader.text('METRICS_HOST') ?? host(reader),
  };
}
