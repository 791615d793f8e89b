import type * as OpenTelemetry from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { TraceSettings } from './config-tracing.ts';
import type { QueueTelemetry } from './queue-store.ts';

/*
 * Traces, for whoever turns them on. Everything of OpenTelemetry is reached through
 * a `Tracing`, so a process without one loads none of it and does nothing more.
 *
 * No span says who the user is or what they wrote, and of an error only what kind
 * it is: the database's message repeats the statement with its values.
 */

export type { Context, Link, Span } from '@opentelemetry/api';

export interface Tracing {
  readonly api: typeof OpenTelemetry;
  readonly tracer: OpenTelemetry.Tracer;
  /** For the queues that submissions are put on: they give the trace to the job. */
  readonly telemetry: QueueTelemetry;
  /** Sends what has not been sent, as far as that does not take long. */
  close(): Promise<void>;
}

/** Undefined where there are no settings: tracing is off. */
export async function loadTracing(
  settings: TraceSettings | undefined,
  log: Logger,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined;
  const { openTracing } = await import('./open-tracing.ts');
  return openTracing(settings, log);
}

/** Marks a span as failed. */
export function recordError({ api }: Tracing, span: OpenTelemetry.Span, error: unknown): void {
  const kind = kindOf(error);
  span.setAttribute('error.type', kind);
  span.recordException({ name: kind });
  span.setStatus({ code: api.SpanStatusCode.ERROR, message: kind });
}

/** Its stable code, such as PostgreSQL's SQLSTATE, or the name of its class. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
