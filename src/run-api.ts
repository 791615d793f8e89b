import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { buildApp } from './api/app.ts';
import type { DevSignInOptions } from './api/dev-sign-in.ts';
import { openIntake } from './api/open-intake.ts';
import type { AdminConfig, TokenConfig } from './config-variables.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';

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
  shutdown.add(() => app.close());
  return app.listen({ host, port });
}
