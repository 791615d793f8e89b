import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AttemptLimit } from './attempt-limit.ts';
import { clientOf } from './client-address.ts';
import { TooManyBadTokensError } from './limit-errors.ts';
import { isBadToken, TokenMissingError } from './token-errors.ts';
import type { Caller, TokenVerifier } from './token-verifier.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; set on every route below {@link requireToken}, and on no other. */
    caller: Caller;
  }
}

/**
 * Lets only requests with a good access token through to the routes of this scope.
 * An address that sent too many bad ones has to wait, but for tokens that were
 * found good a moment ago: behind one address there may be others.
 */
export function requireToken(app: FastifyInstance, verifier: TokenVerifier, badTokens: AttemptLimit): void {
  app.decorateRequest('caller');
  // A callback and no promise: for a token we know, the request goes on in the same turn.
  app.addHook('onRequest', (request, _reply, done) => {
    const token = bearerToken(request);
    const known = token === undefined ? undefined : verifier.recall(token);
    if (known !== undefined) {
      request.caller = known;
      done();
      return;
    }
    const client = clientOf(request.ip);
    const seconds = badTokens.secondsToWait(client);
    if (seconds > 0) {
      done(new TooManyBadTokensError(seconds));
      return;
    }
    callerOf(token, verifier).then(
      caller => {
        request.caller = caller;
        done();
      },
      error => {
        if (isBadToken(error)) badTokens.failed(client);
        done(error);
      },
    );
  });
}

async function callerOf(token: string | undefined, verifier: TokenVerifier): Promise<Caller> {
  if (token === undefined) throw new TokenMissingError();
  return verifier.verify(token);
}

const BEARER = /^Bearer +(?<token>.+)$/i;

/** Undefined when there is none, or credentials of another scheme. */
function bearerToken({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.groups?.token;
}
