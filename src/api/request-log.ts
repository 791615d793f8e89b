import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Asked every few seconds by machines; a line for each would bury the others. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * One line for each request, when it has been answered. The address goes without
 * its query string, and no header is logged: nothing of what people write.
 */
export class RequestLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'requestId' });
  }

  override incomingRequest(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const facts = factsOf(request, reply);
    if (QUIET.has(facts.path) && facts.status < 400) return;
    reply.log.info({ ...facts, ...(error ? { err: error } : {}) }, 'request');
  }

  /** Somebody who follows a submission and closes the page is nothing unusual; other errors are. */
  override streamError(error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
    if (error.code === 'ERR_STREAM_PREMATURE_CLOSE') {
      reply.log.info({ ...factsOf(request, reply), left: true }, 'request');
    } else {
      super.streamError(error, request, reply);
    }
  }
}

function factsOf(request: FastifyRequest, reply: FastifyReply) {
  const [path = ''] = request.url.split('?', 1);
  const ms = Math.round(reply.elapsedTime * 10) / 10;
  return { method: request.method, path, status: reply.statusCode, ms };
}
