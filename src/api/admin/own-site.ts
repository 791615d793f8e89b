import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AdminError, FOREIGN_SITE } from './admin-errors.ts';

/*
 * The browser sends the administrator's login along with every request, also with
 * one that a page of another site makes. So what changes something must say that
 * it comes from here. Browsers do; what sends neither header is no browser, and
 * nobody can have tricked it.
 */

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses requests from other sites' pages that would change something, for the routes of this scope. */
export function refuseOtherSites(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const isFine = SAFE_METHODS.has(request.method) || isFromHere(request);
    done(isFine ? undefined : new AdminError(FOREIGN_SITE));
  });
}

function isFromHere({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // Over plain HTTP browsers leave that out, and send this.
  const { origin } = headers;
  return origin === undefined || URL.parse(origin)?.host === host;
}
