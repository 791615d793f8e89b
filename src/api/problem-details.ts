import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { IntakeError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import { describeFrameworkError } from './framework-errors.ts';
import { MethodNotAllowedError, NotFoundError } from './request-errors.ts';

/*
 * Every failure leaves the API as application/problem+json (RFC 9457), the
 * framework's own included. Known errors speak; of unknown ones the client
 * learns nothing, and the log everything.
 */

export const PROBLEM_TYPE = 'application/problem+json';

const RETRY_AFTER_SECONDS = '1';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The problem document, for the API's description. */
export const Problem = Type.Object({
  type: Type.String({ examples: ['urn:issue-intake:problem:validation_failed'] }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ description: 'Stable, for programs' }),
  errors: Type.Optional(
    Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }), {
      description: 'One entry for each bad field, with a JSON pointer to it',
    }),
  ),
});

/** What an error says to the client, but for its headers. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

/** RFC 9457 body for an error that is safe to show. */
export function toProblem(error: IntakeError): ProblemDocument {
  return {
    type: `urn:issue-intake:problem:${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error instanceof ApiError ? error.members : {}),
  };
}

const UNKNOWN: ProblemDocument = {
  type: 'urn:issue-intake:problem:internal_error',
  title: 'The service failed',
  status: 500,
  detail: 'the service failed; the request may be sent again, with the same Idempotency-Key',
  code: 'internal_error',
};

/** Makes `app` answer every failure with a problem document. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | IntakeError>(sendProblem);
  app.setNotFoundHandler((request, reply) => sendProblem(notFound(app, request), request, reply));
}

/** The error handler; also for errors that come before the router has chosen a route. */
export function sendProblem(
  error: FastifyError | IntakeError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const known = error instanceof IntakeError ? error : describeFrameworkError(error);
  const problem = known === undefined ? UNKNOWN : toProblem(known);
  if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');

  if (problem.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (known instanceof ApiError) reply.headers(known.headers);
  reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** 405 when the address exists for another method, else 404. */
function notFound(app: FastifyInstance, request: FastifyRequest): ApiError {
  const [url = '/'] = request.url.split('?', 1);
  const allowed = METHODS.filter(method => app.findRoute({ method, url }) !== null);
  return allowed.length > 0 ? new MethodNotAllowedError(allowed) : new NotFoundError();
}
