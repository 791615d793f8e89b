import { type Lane, laneLabel } from '../lanes.ts';
import type { Outcome, Submission } from '../submission.ts';
import { type Context, type Link, recordError, type Tracing } from '../tracing.ts';
import type { ApplyUntilDoneOptions } from './apply-until-done.ts';

/*
 * A batch has submissions of many requests, so its unit of work belongs to none of
 * their traces: it has a span of its own, which names those that it applies. Each
 * submission has a span, too, in the trace of its request, which names that one.
 */

type Units = Pick<ApplyUntilDoneOptions, 'apply' | 'record'>;

/** The same units of work, with their spans; without any for a batch whose requests were not traced. */
export function traceUnits<U extends Units>(units: U, tracing: Tracing, lane: Lane): U {
  const { apply, record } = units;
  return {
    ...units,
    apply: batch => inSpans(tracing, lane, batch, () => apply(batch)),
    async record(submission, failure) {
      const [outcome = failure] = await inSpans(tracing, lane, [submission], async () => [
        await record(submission, failure),
      ]);
      return outcome;
    },
  };
}

async function inSpans(
  tracing: Tracing,
  lane: Lane,
  batch: readonly Submission[],
  work: () => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const contexts = batch.map(submission => contextOf(tracing, submission));
  const links = contexts.flatMap(context => linkTo(tracing, context));
  if (links.length === 0) return work();
  const startTime = Date.now();
  const attributes = { 'issue_intake.lane': laneLabel(lane), 'issue_intake.batch_size': batch.length };
  const unit = tracing.tracer.startSpan('unit of work', { root: true, startTime, attributes, links });
  try {
    const outcomes = await work();
    const link = { context: unit.spanContext() };
    outcomes.forEach((outcome, index) => {
      const [submission, context] = [batch[index], contexts[index]];
      if (submission && context) addSpan(tracing, { submission, context, outcome, startTime, link });
    });
    return outcomes;
  } catch (error) {
    recordError(tracing, unit, error);
    throw error;
  } finally {
    unit.end();
  }
}

interface Ended {
  readonly submission: Submission;
  readonly context: Context;
  readonly outcome: Outcome;
  readonly startTime: number;
  readonly link: Link;
}

/** Only now is it known what became of it. */
function addSpan({ api, tracer }: Tracing, { submission, context, outcome, startTime, link }: Ended): void {
  if (api.trace.getSpanContext(context) === undefined) return;
  const attributes = {
    'issue_intake.submission_id': submission.id,
    'issue_intake.queued_ms': startTime - submission.acceptedAt.getTime(),
    'issue_intake.outcome': outcome.status,
    ...(outcome.status === 'applied' ? {} : { 'issue_intake.code': outcome.code }),
  };
  const options = { kind: api.SpanKind.CONSUMER, startTime, attributes, links: [link] };
  const span = tracer.startSpan('apply', options, context);
  if (outcome.status === 'failed') span.setStatus({ code: api.SpanStatusCode.ERROR, message: outcome.code });
  span.end();
}

function linkTo({ api }: Tracing, context: Context): Link[] {
  const spanContext = api.trace.getSpanContext(context);
  return spanContext === undefined ? [] : [{ context: spanContext }];
}

/** That of the request; an empty one where there is none, or nothing that can be read. */
function contextOf({ api }: Tracing, { traceCarrier }: Submission): Context {
  if (traceCarrier === undefined) return api.ROOT_CONTEXT;
  try {
    const carrier: unknown = JSON.parse(traceCarrier);
    return api.propagation.extract(api.ROOT_CONTEXT, Object(carrier));
  } catch {
    return api.ROOT_CONTEXT;
  }
}
