import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { buildApp } from './api/app.ts';
import type { DevSignInOptions } from './api/dev-sign-in.ts';
import { openIntake } from './api/open-intake.ts';
import type { AdminConfig, TokenConfig } from './config-variables.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';

const CLOSE_IDLE_EVERY_MS = 50;

export interface ApiRoleOptions {
  readonly queueUrl: string;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly host: string;
  readonly port: number;
  readonly tokens: TokenConfig;
  readonly admin: AdminConfig | undefined;
  readonly devSignIn?: DevSignInOptions;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

/**
 * Runs the API.
 *
 * @returns the address it listens on
 * @throws LaneCountMismatchError, or an error of `listen` when the port is taken
 */
export async function runApi(options: ApiRoleOptions): Promise<string> {
  const { queueUrl, orm, lanes, host, port, tokens, admin, devSignIn, log, shutdown } = options;
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  shutdown.add(() => store.close());
  await untilAnswers('queue store', () => store.ping(), log);
  const intake = await openIntake({ store, lanes, log });
  shutdown.add(() => intake.close());

  const app = await buildApp({
    intake,
    orm,
    log,
    tokens,
    admin: admin && { ...admin, queues: intake.queues },
    devSignIn,
  });
  shutdown.add(() => closeServer(app));
  return app.listen({ host, port });
}

/** Answers what has begun. Clients keep their connections after that, so each is closed when it falls idle. */
async function closeServer(app: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}
