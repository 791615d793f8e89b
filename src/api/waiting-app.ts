import type { MikroORM } from '@mikro-orm/postgresql';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { QueueUnavailableError } from '../errors.ts';
import { health } from './health.ts';
import { answerWithProblems } from './problem-details.ts';
import { RequestLog } from './request-log.ts';
import { secureAnswers } from './security-headers.ts';

/*
 * What listens while the queue store is waited for at the start. The process
 * lives, so no supervisor need end it, and is not ready; nothing else is served.
 */

const SERVED = new Set(['/healthz', '/readyz']);

export interface WaitingAppOptions {
  readonly orm: MikroORM;
  readonly log: FastifyBaseLogger;
}

export async function buildWaitingApp({ orm, log }: WaitingAppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    logController: new RequestLog(),
    // Its connections must not keep the port from the API itself.
    forceCloseConnections: true,
  });
  secureAnswers(app);
  answerWithProblems(app);
  app.addHook('onRequest', async ({ routeOptions: { url = '' } }) => {
    if (!SERVED.has(url)) throw new QueueUnavailableError();
  });
  const ping = async () => {
    throw new QueueUnavailableError();
  };
  await app.register(health, { intake: { ping }, orm });
  return app;
}
