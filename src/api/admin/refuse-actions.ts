import type { FastifyInstance } from 'fastify';
import { ACTIONS_OFF, AdminError } from './admin-errors.ts';

/** Lets the routes of this scope be looked at, and nothing more. */
export function refuseActions(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.method === 'GET' || request.method === 'HEAD' ? undefined : new AdminError(ACTIONS_OFF));
  });
}
