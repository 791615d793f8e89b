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
    const [path = ''] = request.url.split('?', 1);
    if (QUIET.has(path) && reply.statusCode < 400) return;
    reply.log.info(
      {
        method: request.method,
        path,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...(error ? { err: error } : {}),
      },
      'request',
    );
  }
}
