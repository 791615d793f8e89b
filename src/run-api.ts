import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type BacklogLimits, limitBacklog } from './api/admission.ts';
import { buildApp } from './api/app.ts';
import type { AttemptLimits } from './api/attempt-limit.ts';
import { closeServer } from './api/close-server.ts';
import type { DevSignInOptions } from './api/dev-sign-in.ts';
import { type FollowedFleet, followFleet } from './api/follow-fleet.ts';
import { openIntake } from './api/open-intake.ts';
import type { ServerTimeouts } from './api/server-timeouts.ts';
import { UserLimit } from './api/user-limit.ts';
import { buildWaitingApp } from './api/waiting-app.ts';
import type { AdminConfig } from './config-admin.ts';
import type { TokenConfig } from './config-tokens.ts';
import { connectionCounts } from './database.ts';
import { type DurabilityWatch, watchDurability } from './durability-watch.ts';
import { Figures } from './figures/figures.ts';
import type { WebhookFigures } from './figures/webhook-figures.ts';
import { openMetrics } from './metrics/metrics.ts';
import { RequestCounts } from './metrics/request-counts.ts';
import { openQueueStore, type QueueStore } from './queue-store.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Shutdown } from './shutdown.ts';
import type { Tracing } from './tracing.ts';
import { untilAnswers } from './until-answers.ts';

export interface ApiRoleOptions {
  readonly queueUrl: string;
  readonly refuseVolatile: boolean;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly backlogLimits: BacklogLimits;
  readonly acknowledgedReplicas?: number;
  readonly userLimit?: RateLimit | undefined;
  readonly attempts?: AttemptLimits | undefined;
  readonly trustProxy?: number | string[] | undefined;
  readonly corsOrigins?: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly tokens: TokenConfig;
  readonly admin: AdminConfig | undefined;
  readonly devSignIn?: DevSignInOptions;
  /** Of a process that also runs workers. */
  readonly figures?: Figures;
  /** In a process that also runs workers. */
  readonly workersAreReady?: () => boolean;
  /** In a process that also tells organizations of outcomes. */
  readonly told?: WebhookFigures;
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
  const figures = options.figures ?? new Figures('api');
  const fleet = await followFleet({ intake, store, figures, log });
  shutdown.add(() => fleet.close());

  const app = await buildApp({
    ...measured(fleet, durability, figures, options),
    ...limits(store, fleet, options),
    intake,
    durability: durability.current,
    orm,
    log,
    tokens,
    admin: admin && { ...admin, lanes: intake.lanes, lookAnew: intake.lookAnew },
    devSignIn,
    heartbeatMs: options.heartbeatMs,
    workersAreReady: options.workersAreReady,
    timeouts: options.timeouts,
    tracing,
  });
  shutdown.add(() => closeServer(app));
  return app.listen({ host, port });
}

/** What is counted, and who may see it. */
function measured(
  { history, waiting }: FollowedFleet,
  durability: DurabilityWatch,
  figures: Figures,
  { orm, workersAreReady, told }: ApiRoleOptions,
) {
  const requests = new RequestCounts();
  const metrics = openMetrics({
    figures,
    connections: () => connectionCounts(orm),
    isVolatile: () => durability.current().complaints.length > 0,
    runsLanes: workersAreReady !== undefined,
    waiting,
    requests,
    webhooks: told,
  });
  return { figures, requests, metrics, history };
}

/** How much is taken, and from whom. */
function limits(store: QueueStore, { backlog }: FollowedFleet, options: ApiRoleOptions) {
  const { backlogLimits, userLimit, attempts, trustProxy, corsOrigins, log } = options;
  return {
    admission: limitBacklog(backlog, backlogLimits),
    userLimit: userLimit && new UserLimit(store, userLimit, log),
    attempts,
    trustProxy,
    corsOrigins,
  };
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
