import { randomUUIDv7 } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { headerLines } from './header-lines.ts';
import { keyedSubmissionId, parseIdempotencyKey } from './idempotency-key.ts';
import { limitRaises } from './limit-raises.ts';
import { LONGEST_WAIT_SECONDS, preferredWait } from './prefer.ts';
import { type Raised, type RaiseOptions, raise } from './raise.ts';
import { raiseOnce } from './raise-once.ts';
import { RaiseIssue, submissionFrom, tidyBody } from './raise-request.ts';
import { SubmissionRefusedError } from './refused-error.ts';
import { problems } from './responses.ts';
import { Completed, completed, Queued, queued, submissionPath } from './submission-views.ts';
import { noteHeldUp, timeToDecide } from './time-to-decide.ts';
import type { UserLimit } from './user-limit.ts';

const Headers = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      maxLength: 255,
      description: 'Your name for this issue: the same key and body raise it once',
    }),
  ),
  prefer: Type.Optional(
    Type.String({
      description: `\`wait=N\`: wait up to N seconds, at most ${LONGEST_WAIT_SECONDS}, for the issue`,
      examples: ['wait=10'],
    }),
  ),
});

const schema = {
  operationId: 'raiseIssue',
  tags: ['issues'],
  summary: 'Raise an issue with an organization',
  security: [{ bearer: [] }],
  headers: Headers,
  body: RaiseIssue,
  response: { 201: Completed, 202: Queued, ...problems(400, 401, 413, 415, 422, 429, 503) },
};

export interface RaiseIssueOptions extends RaiseOptions {
  /** Without it, a user may raise as fast as they like. */
  readonly userLimit?: UserLimit | undefined;
}

/** POST /issues/raise: accept, and answer; with `Prefer: wait`, wait for the end first. */
export const raiseIssue: FastifyPluginAsyncTypebox<RaiseIssueOptions> = async (app, options) => {
  noteHeldUp(app);
  const onRequest = options.userLimit === undefined ? [] : limitRaises(options.userLimit);
  app.post('/issues/raise', { schema, onRequest, preValidation: tidyBody }, async (request, reply) => {
    const left = timeToDecide(request);
    const key = parseIdempotencyKey(headerLines(request.raw.rawHeaders, 'idempotency-key'));
    const waitSeconds = preferredWait(request.headers.prefer);
    const id = key === undefined ? randomUUIDv7() : keyedSubmissionId(request.caller.userId, key);
    const submission = submissionFrom(id, request, request.body);
    const times = { waitMs: waitSeconds * 1000, left };

    const raised = await (key === undefined ? raise : raiseOnce)(options, submission, times);

    count(options, raised);
    reply.header('location', submissionPath(id));
    if (raised.replayed) reply.header('idempotency-replayed', 'true');
    return waitSeconds === 0
      ? reply.code(202).send(queued(id))
      : answerWaiting(reply, id, raised, waitSeconds);
  });
};

function count({ figures }: RaiseOptions, { replayed }: Raised): void {
  if (figures === undefined) return;
  if (replayed) figures.replayed++;
  else figures.accepted++;
}

function answerWaiting(reply: FastifyReply, id: string, { end }: Raised, waitSeconds: number): FastifyReply {
  reply.header('preference-applied', `wait=${waitSeconds}`);
  if (end === undefined) return reply.code(202).send(queued(id));
  if ('code' in end) throw new SubmissionRefusedError(id, submissionPath(id), end);
  return reply.code(201).send(completed(end));
}
