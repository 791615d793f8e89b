import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { pino } from 'pino';
import type { TraceSettings } from '../../src/config-tracing.ts';
import { openTracing } from '../../src/open-tracing.ts';
import type { Tracing } from '../../src/tracing.ts';

/** Tracing into memory, for the whole process: one at a time. */
export interface TracedProcess {
  readonly tracing: Tracing;
  /** Those that have ended, in the order in which they did. */
  spans(): ReadableSpan[];
}

const ALL: TraceSettings = { serviceName: 'a-test', sampler: 'parentbased_always_on', ratio: 1 };

export function traceInMemory(settings: Partial<TraceSettings> = {}): TracedProcess {
  const exporter = new InMemorySpanExporter();
  const log = pino({ level: 'silent' });
  const tracing = openTracing({ ...ALL, ...settings }, log, new SimpleSpanProcessor({ exporter }));
  return { tracing, spans: () => exporter.getFinishedSpans() };
}

/** A `traceparent` as a client sends it, and the ids in it. */
export function aTraceparent({ sampled = true } = {}) {
  const hex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
  const [traceId, spanId] = [hex(16), hex(8)];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-0${sampled ? 1 : 0}` };
}
