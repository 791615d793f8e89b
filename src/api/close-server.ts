import type { FastifyInstance } from 'fastify';

const CLOSE_IDLE_EVERY_MS = 50;

/** Answers what has begun. Clients keep their connections after that, so each is closed when it falls idle. */
export async function closeServer(app: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}
