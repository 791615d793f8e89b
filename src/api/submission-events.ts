import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger } from 'fastify';
import { Type } from 'typebox';
import { IntakeError } from '../errors.ts';
import { Looks } from './looks.ts';
import { OpenStreams } from './open-streams.ts';
import { SubmissionNotFoundError } from './request-errors.ts';
import { problems } from './responses.ts';
import { isFinal, statusEvents } from './status-events.ts';
import { findSubmission, parseSubmissionId, type SubmissionStatusOptions } from './submission-status.ts';
import type { SubmissionView } from './submission-views.ts';
import type { Wait } from './wait.ts';

export interface SubmissionEventsOptions extends SubmissionStatusOptions {
  /** Milliseconds from one heartbeat to the next, each with a look at the status. 15,000 unless given. */
  readonly heartbeatMs?: number | undefined;
}

/** Proxies and browsers give a silent connection up after 30 s or more. */
const HEARTBEAT_MS = 15_000;

/** A client that has read nothing for this many heartbeats holds a place for nothing. */
const MOST_UNREAD_HEARTBEATS = 3;

/** Of a client that has been told nothing yet. */
const FIRST_LOOK_MS = 5_000;

const EXAMPLE = `retry: 1500

event: status
id: queued
data: {"submissionId":"0190a5a0-7d34-7c5e-8d70-0d8f1f3f0f10","status":"queued"}

:

event: status
id: rejected
data: {"submissionId":"0190a5a0-7d34-7c5e-8d70-0d8f1f3f0f10","status":"rejected","error":{"code":"organization_not_found","detail":"there is no such organization"}}
`;

const schema = {
  operationId: 'submissionEvents',
  tags: ['issues'],
  summary: 'What becomes of a submission, as it happens',
  description:
    'Server-sent events: `status` with the present status, then one for each change, until the end. `data` is what ' +
    'the submission’s own address answers, `id` the status. When the connection breaks, or the stream ends without ' +
    'a last status because a server stops, ask again with the last `id` as `Last-Event-ID`: you are told only what ' +
    'is new, or 204 if that was the end. Lines that begin with a colon only keep the connection alive.',
  security: [{ bearer: [] }],
  params: Type.Object({ id: Type.String() }),
  headers: Type.Object({
    'last-event-id': Type.Optional(
      Type.String({ description: 'The `id` of the last event that you have seen', examples: ['queued'] }),
    ),
  }),
  response: {
    200: {
      description: 'The events',
      content: {
        'text/event-stream': { schema: Type.Unsafe<Readable>(Type.String({ examples: [EXAMPLE] })) },
      },
    },
    204: Type.Null({ description: 'There is nothing after `Last-Event-ID`: do not ask again' }),
    ...problems(401, 404, 429, 503),
  },
};

/** GET /issues/submissions/{id}/events: the caller's submission, until its end. */
export const submissionEvents: FastifyPluginAsyncTypebox<SubmissionEventsOptions> = async (app, options) => {
  const { intake, heartbeatMs = HEARTBEAT_MS } = options;
  const streams = new OpenStreams();
  const looks = new Looks();
  app.addHook('preClose', async () => streams.close());

  // HEAD would open a stream that nobody reads.
  app.get('/issues/submissions/:id/events', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const id = parseSubmissionId(request.params.id);
    const { userId } = request.caller;
    const seen = lastEventId(request.headers['last-event-id']);
    streams.enter(userId, reply.raw);
    const wait = await intake.follow(id);
    streams.endInTime(wait, reply.raw);

    const find = () => findSubmission(options, userId, id);
    const first = await looks.inTurn(FIRST_LOOK_MS, find);
    if (isFinal(first) && first.status === seen) return reply.code(204).send(null);
    const look = () => lookAgain(() => looks.inTurn(heartbeatMs, find), wait, request.log);
    cutOffUnread(reply.raw, MOST_UNREAD_HEARTBEATS * heartbeatMs);
    reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
    return reply.send(Readable.from(statusEvents({ first, seen, wait, look, heartbeatMs })));
  });
};

/** Cuts a client off that takes nothing for `ms` milliseconds; not one that there is nothing for. */
function cutOffUnread(response: ServerResponse, ms: number): void {
  response.setTimeout(ms, () => {
    if (response.writableLength > 0) response.destroy();
  });
}

/** As many as one sends: with two of them the client is told everything. */
function lastEventId(header: unknown): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/**
 * A look that does not fail. What cannot be told now is asked for with the next
 * heartbeat; when the submission is gone there is nothing more to tell.
 */
async function lookAgain(
  find: () => Promise<SubmissionView>,
  wait: Wait,
  log: FastifyBaseLogger,
): Promise<SubmissionView | undefined> {
  try {
    return await find();
  } catch (error) {
    const isKnown = error instanceof IntakeError;
    if (!isKnown) log.error({ err: error }, 'cannot look at a submission');
    if (!isKnown || error instanceof SubmissionNotFoundError) wait.end();
    return undefined;
  }
}
