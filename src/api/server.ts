import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { type TrustedProxies, trust } from './client-address.ts';
import { answerClientError } from './client-errors.ts';
import { sendProblem } from './problem-details.ts';
import { RequestLog } from './request-log.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { type ServerTimeouts, serverTimeouts } from './server-timeouts.ts';
import { compileValidator } from './validation.ts';

export interface ServerOptions {
  readonly log: FastifyBaseLogger;
  readonly timeouts?: ServerTimeouts | undefined;
  /** Whom to believe where a request comes from: that many proxies, or these. Without it, nobody. */
  readonly trustProxy?: TrustedProxies | undefined;
}

const BODY_LIMIT_BYTES = 64 * 1024;

/** The server, before it has any route. */
export function createServer({ log, timeouts, trustProxy }: ServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    logController: new RequestLog(),
    genReqId: requestId,
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trust(trustProxy),
    ...serverTimeouts(timeouts),
    routerOptions: { ignoreTrailingSlash: true },
    // A request that comes while the server closes is still answered; its connection is not kept.
    return503OnClosing: false,
    // Before the router has chosen a route, no hook runs.
    frameworkErrors(error, request, reply) {
      reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
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

export function echoRequestId(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}
