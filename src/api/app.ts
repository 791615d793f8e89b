import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Durability } from '../durability.ts';
import type { Tracing } from '../tracing.ts';
import type { Admission } from './admission.ts';
import { requireToken } from './auth.ts';
import { type BullBoardOptions, bullBoard } from './bull-board.ts';
import { answerClientError } from './client-errors.ts';
import { type DevSignInOptions, devSignIn } from './dev-sign-in.ts';
import { describeApi } from './docs.ts';
import { health } from './health.ts';
import type { Intake } from './intake.ts';
import { acceptJsonOnly } from './json-body.ts';
import { myIssues } from './my-issues.ts';
import { refuseAsProblems } from './node-refusals.ts';
import { organizations } from './organizations.ts';
import { page } from './page.ts';
import { answerWithProblems, sendProblem } from './problem-details.ts';
import { raiseIssue } from './raise-issue.ts';
import { RequestLog } from './request-log.ts';
import { type ServerTimeouts, serverTimeouts } from './server-timeouts.ts';
import { submissionEvents } from './submission-events.ts';
import { submissionStatus } from './submission-status.ts';
import { openTokenVerifier, type TokenOptions } from './token-verifier.ts';
import { traceRequests } from './trace-requests.ts';
import { compileValidator } from './validation.ts';

export interface AppOptions {
  readonly intake: Intake;
  /** Whether more may be accepted; without it, always. */
  readonly admission?: Admission | undefined;
  /** What an accepted submission survives, for /readyz. */
  readonly durability?: (() => Durability) | undefined;
  /** Read from, never written to. */
  readonly orm: MikroORM;
  readonly log: FastifyBaseLogger;
  readonly tokens: TokenOptions;
  /** The dashboard at /admin/queues; without it, it is not there. */
  readonly admin?: BullBoardOptions | undefined;
  /** POST /dev/sign-in; without it, it is not there. */
  readonly devSignIn?: DevSignInOptions | undefined;
  /** Of event streams, in milliseconds. */
  readonly heartbeatMs?: number | undefined;
  /** In a process that also runs workers; without it, /readyz knows of none. */
  readonly workersAreReady?: (() => boolean) | undefined;
  readonly timeouts?: ServerTimeouts | undefined;
  readonly tracing?: Tracing | undefined;
}

const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * Builds the API. It does not listen yet, and closing it closes nothing that it was given.
 *
 * @example
 * const app = await buildApp({ intake, orm, log, tokens: { key: { secret } } });
 * await app.listen({ host, port });
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = createServer(options.log, options.timeouts);
  answerWithProblems(app);
  refuseAsProblems(app);
  acceptJsonOnly(app);
  echoRequestId(app);

  await describeApi(app);
  await page(app, {
    demoUsers: options.devSignIn?.users ?? [],
    hasDashboard: options.admin !== undefined,
  });
  await app.register(health, options);
  await app.register(clientRoutes, { ...options, prefix: '/api/client' });
  if (options.admin !== undefined) await app.register(bullBoard, options.admin);
  if (options.devSignIn !== undefined) await app.register(devSignIn, options.devSignIn);
  return app;
}

/** What a signed-in client may do. */
async function clientRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { intake, admission, orm, tokens, heartbeatMs, tracing } = options;
  if (tracing !== undefined) traceRequests(app, tracing);
  requireToken(app, await openTokenVerifier(tokens));
  await app.register(raiseIssue, { intake, admission, orm });
  await app.register(submissionStatus, { intake, orm });
  await app.register(submissionEvents, { intake, orm, heartbeatMs });
  await app.register(myIssues, { orm });
  await app.register(organizations, { orm });
}

function createServer(log: FastifyBaseLogger, timeouts: ServerTimeouts | undefined): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    logController: new RequestLog(),
    genReqId: requestId,
    bodyLimit: BODY_LIMIT_BYTES,
    ...serverTimeouts(timeouts),
    routerOptions: { ignoreTrailingSlash: true },
    // A request that comes while the server closes is still answered; its connection is not kept.
    return503OnClosing: false,
    // Before the router has chosen a route, no hook runs.
    frameworkErrors(error, request, reply) {
      reply.header('x-request-id', request.id);
      sendProblem(error, request, reply);
    },
    clientErrorHandler: answerClientError,
  });
  return app.setValidatorCompiler(compileValidator).withTypeProvider<TypeBoxTypeProvider>();
}

const WELL_FORMED_ID = /^[\w.:+/=-]{1,128}$/;

/** The id that a proxy or client gave the request, so that one id follows it through every log. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED_ID.test(given) ? given : randomUUID();
}

function echoRequestId(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}
