import type { FastifyInstance, FastifyRequest } from 'fastify';
import { deadline } from '../within.ts';

/*
 * A client is told 503 within a second: all that we do until its request is
 * accepted or refused shares one time. What its body takes to come is its own.
 */

declare module 'fastify' {
  interface FastifyRequest {
    /** Milliseconds that its token and its limit took, before its body was read. */
    heldUpMs: number;
  }
}

/** Leaves the rest of the second to the answer. */
const DECIDED_WITHIN_MS = 900;

/** An issuer that is slow to list its keys takes nothing from the queue's chance to answer. */
const LEAST_MS = 400;

/** Notes for each request of this scope how long it was held up. */
export function noteHeldUp(app: FastifyInstance): void {
  app.decorateRequest('heldUpMs', 0);
  app.addHook('preParsing', (request, reply, payload, done) => {
    request.heldUpMs = reply.elapsedTime;
    done(null, payload);
  });
}

/** @returns how many milliseconds are left, at any time, to accept or refuse a request whose body is read */
export function timeToDecide({ heldUpMs }: FastifyRequest): () => number {
  return deadline(Math.max(LEAST_MS, DECIDED_WITHIN_MS - heldUpMs));
}
