import type { FastifyReply, onRequestHookHandler } from 'fastify';
import { RateLimitedError } from './limit-errors.ts';
import type { Admitted, UserLimit } from './user-limit.ts';

/**
 * Refuses a user who raises too fast, before the body is read. Every request
 * counts, repetitions and wrong ones too. The header fields are those of
 * draft-ietf-httpapi-ratelimit-headers-11: what the bucket holds, and in how many
 * seconds it is empty; what is left of it, and until when.
 */
export function limitRaises(limit: UserLimit): onRequestHookHandler {
  const { perSecond, burst } = limit.limit;
  const policy = `"user";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  const answer = ({ ok, remaining, seconds }: Admitted, reply: FastifyReply) => {
    reply.header('ratelimit-policy', policy).header('ratelimit', `"user";r=${remaining};t=${seconds}`);
    return ok ? undefined : new RateLimitedError(perSecond, seconds);
  };

  // A callback and no promise: most requests go on in the same turn.
  return (request, reply, done) => {
    const admitted = limit.admit(request.caller.userId);
    if (admitted instanceof Promise) admitted.then(late => done(answer(late, reply)), done);
    else done(answer(admitted, reply));
  };
}
