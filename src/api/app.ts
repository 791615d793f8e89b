import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { Durability } from '../durability.ts';
import type { Figures } from '../figures/figures.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RequestCounts } from '../metrics/request-counts.ts';
import type { Tracing } from '../tracing.ts';
import { type AdminOptions, admin } from './admin/admin.ts';
import type { Admission } from './admission.ts';
import { ATTEMPT_LIMITS, AttemptLimit, type AttemptLimits } from './attempt-limit.ts';
import { requireToken } from './auth.ts';
import { leaveWhatIsAnswered } from './client-errors.ts';
import { allowOrigins } from './cors.ts';
import { type DevSignInOptions, devSignIn } from './dev-sign-in.ts';
import { describeApi } from './docs.ts';
import type { FleetHistory } from './fleet-history.ts';
import { health } from './health.ts';
import type { Intake } from './intake.ts';
import { acceptJsonOnly } from './json-body.ts';
import { countRequests, metricsRoute } from './metrics-route.ts';
import { myIssues } from './my-issues.ts';
import { refuseAsProblems } from './node-refusals.ts';
import { organizations } from './organizations.ts';
import { page } from './page.ts';
import { answerWithProblems } from './problem-details.ts';
import { raiseIssue } from './raise-issue.ts';
import { secureAnswers } from './security-headers.ts';
import { createServer, echoRequestId, type ServerOptions } from './server.ts';
import { submissionEvents } from './submission-events.ts';
import { submissionStatus } from './submission-status.ts';
import { openTokenVerifier, type TokenOptions } from './token-verifier.ts';
import { traceRequests } from './trace-requests.ts';
import type { UserLimit } from './user-limit.ts';

export interface AppOptions extends ServerOptions {
  readonly intake: Intake;
  /** Whether more may be accepted; without it, always. */
  readonly admission?: Admission | undefined;
  /** What an accepted submission survives, for /readyz. */
  readonly durability?: (() => Durability) | undefined;
  /** Read from, never written to. */
  readonly orm: MikroORM;
  readonly tokens: TokenOptions;
  /** What this process counts; without it, nothing is counted. */
  readonly figures?: Figures | undefined;
  /** GET /metrics; without it, it is not there. */
  readonly metrics?: Metrics | undefined;
  /** Of this process; without it, requests are not counted. */
  readonly requests?: RequestCounts | undefined;
  /** What all processes do, for the administrator; without it, it is not shown. */
  readonly history?: FleetHistory | undefined;
  /** All below /admin; without it, it is not there. */
  readonly admin?: Omit<AdminOptions, 'orm' | 'attempts' | 'history'> | undefined;
  /** POST /dev/sign-in; without it, it is not there. */
  readonly devSignIn?: DevSignInOptions | undefined;
  /** Of event streams, in milliseconds. */
  readonly heartbeatMs?: number | undefined;
  /** In a process that also runs workers; without it, /readyz knows of none. */
  readonly workersAreReady?: (() => boolean) | undefined;
  /** How fast a user may raise; without it, as fast as they like. */
  readonly userLimit?: UserLimit | undefined;
  /** How often one address may be wrong. */
  readonly attempts?: AttemptLimits | undefined;
  /** Of pages on other hosts that may use the API. */
  readonly corsOrigins?: readonly string[] | undefined;
  readonly tracing?: Tracing | undefined;
}

/**
 * Builds the API. It does not listen yet, and closing it closes nothing that it was given.
 *
 * @example
 * const app = await buildApp({ intake, orm, log, tokens: { key: { secret } } });
 * await app.listen({ host, port });
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = createServer(options);
  secureAnswers(app);
  answerWithProblems(app);
  refuseAsProblems(app);
  acceptJsonOnly(app);
  leaveWhatIsAnswered(app);
  echoRequestId(app);
  if (options.requests !== undefined) countRequests(app, options.requests);

  await describeApi(app);
  await page(app, {
    demoUsers: options.devSignIn?.users ?? [],
    hasDashboard: options.admin !== undefined,
  });
  await app.register(health, options);
  if (options.metrics !== undefined) await app.register(metricsRoute, { metrics: options.metrics });
  await app.register(clientRoutes, { ...options, prefix: '/api/client' });
  if (options.admin !== undefined) {
    const { orm, attempts, history } = options;
    await app.register(admin, { ...options.admin, orm, attempts, history });
  }
  if (options.devSignIn !== undefined) await app.register(devSignIn, options.devSignIn);
  return app;
}

/** What a signed-in client may do. */
async function clientRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  const {
    intake,
    admission,
    figures,
    orm,
    tokens,
    heartbeatMs,
    userLimit,
    corsOrigins = [],
    attempts = ATTEMPT_LIMITS,
    tracing,
  } = options;
  if (tracing !== undefined) traceRequests(app, tracing);
  await allowOrigins(app, corsOrigins);
  requireToken(app, await openTokenVerifier(tokens), new AttemptLimit(attempts.badTokens));
  await app.register(raiseIssue, { intake, admission, figures, orm, userLimit });
  await app.register(submissionStatus, { intake, orm });
  await app.register(submissionEvents, { intake, orm, heartbeatMs });
  await app.register(myIssues, { orm });
  await app.register(organizations, { orm });
}
