import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Context, kindOf, type Span, type Tracing } from '../tracing.ts';

/*
 * A span for each request, within the trace that the request names in its
 * `traceparent`, or else of a new one. The answer says which, in `traceresponse`.
 */

/** To be called before the routes are added that it is to see. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const { api } = tracing;
  const contexts = new WeakMap<FastifyRequest, Context>();

  app.addHook('onRequest', (request, reply, done) => {
    const parent = api.propagation.extract(api.ROOT_CONTEXT, request.headers);
    const span = startSpan(tracing, request, parent);
    contexts.set(request, api.trace.setSpan(parent, span));
    reply.header('traceresponse', traceResponse(span));
    // Also when the client has gone away.
    reply.raw.once('close', () => endSpan(span, reply, tracing));
    done();
  });
  // Behind the body: what reads it goes on from the socket's events, outside of this context.
  app.addHook('preHandler', (request, _reply, done) => {
    api.context.with(contexts.get(request) ?? api.ROOT_CONTEXT, done);
  });
  // Before the answer to it is made: that says by its status whether it is an error of ours.
  app.addHook('onError', async (request, _reply, error) => {
    const span = api.trace.getSpan(contexts.get(request) ?? api.ROOT_CONTEXT);
    span?.setAttribute('error.type', kindOf(error));
  });
}

function startSpan(
  { api, tracer }: Tracing,
  { method, routeOptions }: FastifyRequest,
  parent: Context,
): Span {
  const { url = '' } = routeOptions;
  const attributes = { 'http.request.method': method, 'http.route': url };
  return tracer.startSpan(`${method} ${url}`, { kind: api.SpanKind.SERVER, attributes }, parent);
}

function endSpan(span: Span, reply: FastifyReply, { api }: Tracing): void {
  span.setAttribute('http.response.status_code', reply.statusCode);
  if (reply.statusCode >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
  if (!reply.raw.writableFinished) span.setAttribute('error.type', 'client_left');
  span.end();
}

/** As W3C Trace Context, level 2, has it. */
function traceResponse(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
