import type { EnvironmentReader } from './environment.ts';

/*
 * OpenTelemetry's own variables, as far as its libraries leave them to the
 * program. What they read by themselves, they still do: the address, headers and
 * certificates of the collector (OTEL_EXPORTER_OTLP_*) and OTEL_RESOURCE_ATTRIBUTES.
 */

export const TRACING_VARIABLES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OTEL_SERVICE_NAME',
];

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface TraceSettings {
  readonly serviceName: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** Of the traces that begin here, from 0 to 1; for the samplers with a ratio. */
  readonly ratio: number;
}

export interface TracingConfig {
  /** Undefined: tracing is off. */
  readonly tracing: TraceSettings | undefined;
}

/** Off, unless there is somewhere to send traces to. */
export function tracing(reader: EnvironmentReader, role: string): TracingConfig {
  const settings = {
    serviceName: reader.text('OTEL_SERVICE_NAME') ?? `issue-intake-${role}`,
    sampler: reader.oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on'),
    ratio: ratio(reader),
  };
  return { tracing: isOn(reader) ? settings : undefined };
}

function isOn(reader: EnvironmentReader): boolean {
  const hasEndpoint = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
    name => reader.text(name) !== undefined,
  );
  const exporter = reader.oneOf('OTEL_TRACES_EXPORTER', ['otlp', 'none'], hasEndpoint ? 'otlp' : 'none');
  return exporter === 'otlp' && reader.text('OTEL_SDK_DISABLED') !== 'true';
}

function ratio(reader: EnvironmentReader): number {
  const text = reader.text('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text) && Number(text) <= 1) return Number(text);
  reader.mistake('OTEL_TRACES_SAMPLER_ARG', `must be a number from 0 to 1, not ${JSON.stringify(text)}`);
  return 1;
}
