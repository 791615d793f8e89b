import type { FastifyInstance } from 'fastify';
import { AdminActionsOffError } from './admin-errors.ts';

/** Lets the routes of this scope be looked at, and nothing more. */
export function refuseActions(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.method === 'GET' || request.method === 'HEAD' ? undefined : new AdminActionsOffError());
  });
}
