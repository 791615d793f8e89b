import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { BullMQOtel } from 'bullmq-otel';
import type { Logger } from 'pino';
import type { TraceSettings } from './config-tracing.ts';
import type { Tracing } from './tracing.ts';
import { within } from './within.ts';

/* The only file that loads OpenTelemetry, and it is loaded only where traces are wanted. */

const NAME = 'issue-intake';

/** A collector that hangs may not keep the process from closing in time. */
const LONGEST_CLOSE_MS = 1500;

/** As many as a batch may have submissions (`READ_AHEAD`). */
const MOST_LINKS = 1000;

/**
 * Opens tracing for the whole process.
 *
 * @param processor what is done with spans; sent to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, if not given
 */
export function openTracing(settings: TraceSettings, log: Logger, processor = sending()): Tracing {
  const provider = new TracerProvider({
    resource: resourceOf(settings),
    sampler: withLinked(samplerOf(settings)),
    spanLimits: { linkCountLimit: MOST_LINKS },
    spanProcessors: [processor],
  });
  const warn = (message: string) => log.warn({ reason: message }, 'traces');
  api.diag.setLogger(
    { error: warn, warn, info() {}, debug() {}, verbose() {} },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  // No baggage: what strangers send along has no business in our jobs.
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(provider);

  return {
    api,
    tracer: provider.getTracer(NAME),
    telemetry: new BullMQOtel({ tracerName: NAME }),
    async close() {
      await within(LONGEST_CLOSE_MS, provider.shutdown()).catch(() => warn('not all could be sent'));
      for (const part of [api.trace, api.context, api.propagation, api.diag]) part.disable();
    },
  };
}

function sending(): SpanProcessor {
  return new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
}

function resourceOf({ serviceName }: TraceSettings) {
  return defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ 'service.name': serviceName }));
}

function samplerOf({ sampler, ratio }: TraceSettings): Sampler {
  const root = rootSamplerOf(sampler.replace('parentbased_', ''), ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSamplerOf(name: string, ratio: number): Sampler {
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio);
  return name === 'always_off' ? new AlwaysOffSampler() : new AlwaysOnSampler();
}

/** What begins a trace and names others, a unit of work, is kept when one of those is. */
function withLinked(sampler: Sampler): Sampler {
  return {
    shouldSample(parent, traceId, name, kind, attributes, links) {
      if (links.length === 0 || api.trace.getSpanContext(parent) !== undefined)
        return sampler.shouldSample(parent, traceId, name, kind, attributes, links);
      const isKept = links.some(({ context }) => (context.traceFlags & api.TraceFlags.SAMPLED) !== 0);
      return { decision: isKept ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    },
    toString: () => `linked, else ${sampler.toString()}`,
  };
}
