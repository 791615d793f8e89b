import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type BacklogLimits, limitBacklog } from './api/admission.ts';
import { buildApp } from './api/app.ts';
import { Backlog } from './api/backlog.ts';
import type { DevSignInOptions } from './api/dev-sign-in.ts';
import { FleetHistory } from './api/fleet-history.ts';
import { LaneAges } from './api/lane-ages.ts';
import { type OpenedIntake, openIntake } from './api/open-intake.ts';
import type { ServerTimeouts } from './api/server-timeouts.ts';
import { buildWaitingApp } from './api/waiting-app.ts';
import type { AdminConfig } from './config-admin.ts';
import type { TokenConfig } from './config-variables.ts';
import { connectionCounts } from './database.ts';
import { type DurabilityWatch, watchDurability } from './durability-watch.ts';
import { Figures } from './figures/figures.ts';
import { shareFigures } from './figures/share-figures.ts';
import { openMetrics } from './metrics/metrics.ts';
import { RequestCounts } from './metrics/request-counts.ts';
import { openQueueStore, type QueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
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
  /** Of a process that also runs workers. */
  readonly figures?: Figures;
  /** In a process that also runs workers. */
  readonly workersAreReady?: () => boolean;
  readonly timeouts?: ServerTimeouts;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  /** Of event streams, in milliseconds. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * Runs the API. While its queue store is away it answers /healthz and /readyz.
 *
 * @returns the address it listens on
 * @throws LaneCountMismatchError, VolatileQueueError, or an error of `listen` when the port is taken
 */
export async function runApi(options: ApiRoleOptions): Promise<string> {
  const { queueUrl, host, port, orm, lanes, tokens, admin, devSignIn, log, shutdown } = options;
  const { acknowledgedReplicas = 0 } = options;
  const store = openQueueStore({ url: queueUrl, role: 'producer', log, acknowledgedReplicas });
  shutdown.add(() => store.close());
  const durability = await waitForStore(store, options);
  shutdown.add(async () => durability.stop());
  const intake = await untilAnswers('queue store', () => openIntake({ store, lanes, log }), log);
  shutdown.add(() => intake.close());
  const backlog = new Backlog(intake.queues);
  shutdown.add(async () => backlog.close());
  await backlog.follow();
  const figures = options.figures ?? new Figures('api');
  const ages = new LaneAges(intake.queues, store.head);
  shutdown.add(async () => ages.close());
  await ages.follow();
  const history = await followFleet({ intake, backlog, ages, figures }, options);
  const requests = new RequestCounts();
  const metrics = openMetrics({
    figures,
    connections: () => connectionCounts(orm),
    isVolatile: () => durability.current().complaints.length > 0,
    // Of the workers in this process.
    lanes: options.workersAreReady && lanes,
    waiting: { lanes, backlog: lane => backlog.of(lane), oldestMs: lane => ages.of(lane) },
    requests,
  });

  const app = await buildApp({
    intake,
    admission: limitBacklog(backlog, options.backlogLimits),
    durability: durability.current,
    figures,
    requests,
    metrics,
    history,
    orm,
    log,
    tokens,
    admin: admin && { ...admin, queues: intake.queues },
    devSignIn,
    heartbeatMs: options.heartbeatMs,
    workersAreReady: options.workersAreReady,
    timeouts: options.timeouts,
  });
  shutdown.add(() => closeServer(app));
  return app.listen({ host, port });
}

/** Tells the other processes what this one counts, and follows what all do. */
async function followFleet(
  { intake: { relay }, backlog, ages, figures }: Followed,
  { log, shutdown }: ApiRoleOptions,
): Promise<FleetHistory> {
  const sharing = shareFigures({ relay, figures, log });
  shutdown.add(() => sharing.close());
  const history = new FleetHistory({ relay, figures, backlog, ages });
  shutdown.add(async () => history.close());
  await history.follow();
  return history;
}

interface Followed {
  readonly intake: Pick<OpenedIntake, 'relay'>;
  readonly backlog: Backlog;
  readonly ages: LaneAges;
  readonly figures: Figures;
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
