import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type BacklogLimits, limitBacklog } from './api/admission.ts';
import { buildApp } from './api/app.ts';
import { Backlog } from './api/backlog.ts';
import type { DevSignInOptions } from './api/dev-sign-in.ts';
import { openIntake } from './api/open-intake.ts';
import type { ServerTimeouts } from './api/server-timeouts.ts';
import { buildWaitingApp } from './api/waiting-app.ts';
import type { AdminConfig, TokenConfig } from './config-variables.ts';
import { type DurabilityWatch, watchDurability } from './durability-watch.ts';
import { openQueueStore, type QueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import type { Tracing } from './tracing.ts';
import { untilAnswers } from './until-answers.ts';

const CLOSE_IDLE_EVERY_MS = 50;

export interface ApiRoleOptions {
  readonly queueUrl: string;
  readonly refuseVolatile: boolean;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly backlogLimits: BacklogLimits;
  readonly acknowledgedReplicas?: number;
  readonly host: string;
  readonly port: number;
  readonly tokens: TokenConfig;
  readonly admin: AdminConfig | undefined;
  readonly devSignIn?: DevSignInOptions;
  /** In a process that also runs workers. */
  readonly workersAreReady?: () => boolean;
  readonly timeouts?: ServerTimeouts;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  /** Of event streams, in milliseconds. */
  readonly heartbeatMs?: number | undefined;
  readonly tracing?: Tracing | undefined;
}

/**
 * Runs the API. While its queue store is away it answers /healthz and /readyz.
 *
 * @returns the address it listens on
 * @throws LaneCountMismatchError, VolatileQueueError, or an error of `listen` when the port is taken
 */
export async function runApi(options: ApiRoleOptions): Promise<string> {
  const { queueUrl, host, port, orm, lanes, tokens, admin, devSignIn, log, shutdown } = options;
  const { acknowledgedReplicas = 0, tracing } = options;
  const telemetry = tracing?.telemetry;
  const store = openQueueStore({ url: queueUrl, role: 'producer', log, acknowledgedReplicas, telemetry });
  shutdown.add(() => store.close());
  const durability = await waitForStore(store, options);
  shutdown.add(async () => durability.stop());
  const intake = await untilAnswers('queue store', () => openIntake({ store, lanes, log }), log);
  shutdown.add(() => intake.close());
  const backlog = new Backlog(intake.queues);
  shutdown.add(async () => backlog.close());
  await backlog.follow();

  const app = await buildApp({
    intake,
    admission: limitBacklog(backlog, options.backlogLimits),
    durability: durability.current,
    orm,
    log,
    tokens,
    admin: admin && { ...admin, queues: intake.queues },
    devSignIn,
    heartbeatMs: options.heartbeatMs,
    workersAreReady: options.workersAreReady,
    timeouts: options.timeouts,
    tracing,
  });
  shutdown.add(() => closeServer(app));
  return app.listen({ host, port });
}

async function waitForStore(store: QueueStore, options: ApiRoleOptions): Promise<DurabilityWatch> {
  const { refuseVolatile, orm, host, port, log, shutdown } = options;
  let waiting: FastifyInstance | undefined;
  const durability = await watchDurability({ store, refuseVolatile, log }, async () => {
    const app = await buildWaitingApp({ orm, log });
    shutdown.add(() => app.close());
    const listenTextResolver = (address: string) =>
      `answering /healthz and /readyz at ${address}, no more yet`;
    await app.listen({ host, port, listenTextResolver });
    waiting = app;
  });
  await waiting?.close();
  return durability;
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
