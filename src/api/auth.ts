import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TokenMissingError } from './token-errors.ts';
import type { Caller, TokenVerifier } from './token-verifier.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; set on every route below {@link requireToken}, and on no other. */
    caller: Caller;
  }
}

/** Lets only requests with a good access token through to the routes of this scope. */
export function requireToken(app: FastifyInstance, verifier: TokenVerifier): void {
  app.decorateRequest('caller');
  // A callback and no promise: for a token we know, the request goes on in the same turn.
  app.addHook('onRequest', (request, _reply, done) => {
    const token = bearerToken(request);
    if (token === undefined) {
      done(new TokenMissingError());
      return;
    }
    const known = verifier.recall(token);
    if (known !== undefined) {
      request.caller = known;
      done();
      return;
    }
    verifier.verify(token).then(caller => {
      request.caller = caller;
      done();
    }, done);
  });
}

const BEARER = /^Bearer +(?<token>.+)$/i;

/** Undefined when there is none, or credentials of another scheme. */
function bearerToken({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.groups?.token;
}
