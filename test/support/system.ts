import type { MikroORM } from '@mikro-orm/postgresql';
import { type Logger, pino } from 'pino';
import type { AttemptLimits } from '../../src/api/attempt-limit.ts';
import type { ServerTimeouts } from '../../src/api/server-timeouts.ts';
import { openDatabase } from '../../src/database.ts';
import type { RateLimit } from '../../src/rate-limit.ts';
import { runApi } from '../../src/run-api.ts';
import { runWorker } from '../../src/run-worker.ts';
import { Shutdown } from '../../src/shutdown.ts';
import type { Tracing } from '../../src/tracing.ts';
import { freshDatabase, freshRedisUrl } from './services.ts';
import { TOKEN_SECRET, tokenOf } from './tokens.ts';
import { waitFor } from './wait-for.ts';

export const ADMIN = { user: 'admin', password: 'the dashboard of a test' };

export type StoreKind = 'redis' | 'postgres';

/** The whole product in this process: an API that listens, and workers, on real stores of their own. */
export interface System {
  readonly address: string;
  readonly orm: MikroORM;
  readonly databaseUrl: string;
  readonly queueUrl: string;
  /** Adds an organization. @returns its id */
  addOrganization(options?: { id?: string; name?: string; active?: boolean }): Promise<string>;
  /** Sends a request as a user. */
  send(userId: string, method: 'GET' | 'POST', path: string, options?: SendOptions): Promise<Answer>;
  /** Raises an issue and waits for its end: a busy machine may answer 202 or 503 before, and is asked again. */
  raise(
    userId: string,
    organizationId: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Of one that was started without. */
  startWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface SystemOptions {
  readonly lanes?: number;
  readonly readAhead?: number;
  readonly withWorker?: boolean;
  /** Of event streams, in milliseconds. */
  readonly heartbeatMs?: number;
  /** Of the test's own, or a proxy to it; otherwise of the shared servers. */
  readonly queueUrl?: string;
  /** Stands between the system and its database. */
  readonly databaseProxy?: (url: string) => Promise<string>;
  readonly backlogLimits?: { readonly inAll: number; readonly perLane: number };
  readonly log?: Logger;
  /** Whom POST /dev/sign-in is offered for; without them it is not there. */
  readonly demoUsers?: readonly string[];
  readonly timeouts?: ServerTimeouts;
  readonly userLimit?: RateLimit;
  readonly attempts?: AttemptLimits;
  /** Of the administrator; without them, titles are hidden and actions allowed. */
  readonly showContent?: boolean;
  readonly allowActions?: boolean;
  /** Without it, not. */
  readonly allowPrivateWebhooks?: boolean;
  readonly tracing?: Tracing;
}

const NO_LIMITS = { inAll: Number.POSITIVE_INFINITY, perLane: Number.POSITIVE_INFINITY };
const asItIs = async (url: string) => url;

export async function startSystem(kind: StoreKind, options: SystemOptions = {}): Promise<System> {
  const { lanes = 4, readAhead = 32, withWorker = true, timeouts, tracing } = options;
  const { showContent = false, allowActions = true, allowPrivateWebhooks = false } = options;
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  const { log = pino({ level: 'silent' }), backlogLimits = NO_LIMITS, databaseProxy = asItIs } = options;
  const databaseUrl = await databaseProxy(database.url);
  const queueUrl = options.queueUrl ?? (kind === 'redis' ? await freshRedisUrl() : databaseUrl);

  const refuseVolatile = false;
  const shutdown = new Shutdown(log);
  const orm = openDatabase(databaseUrl);
  shutdown.add(() => orm.close());
  const tokens = { key: { secret: TOKEN_SECRET }, issuer: undefined, audience: undefined };
  const startWorker = async () => {
    await runWorker({ queueUrl, refuseVolatile, orm, lanes, readAhead, log, shutdown, tracing });
  };
  if (withWorker) await startWorker();
  const address = await runApi({
    queueUrl,
    refuseVolatile,
    backlogLimits,
    orm,
    lanes,
    host: '127.0.0.1',
    port: 0,
    tokens,
    admin: { ...ADMIN, showContent, allowActions, allowPrivateWebhooks },
    ...(timeouts === undefined ? {} : { timeouts }),
    log,
    shutdown,
    heartbeatMs: options.heartbeatMs,
    userLimit: options.userLimit,
    attempts: options.attempts,
    tracing,
    ...(options.demoUsers && { devSignIn: { secret: TOKEN_SECRET, users: options.demoUsers } }),
  });

  const send: System['send'] = async (userId, method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(userId)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: asObject(await response.json()) };
  };

  return {
    address,
    orm,
    databaseUrl: database.url,
    // Other processes of the test reach the stores directly.
    queueUrl: kind === 'redis' ? queueUrl : database.url,
    send,
    startWorker,
    raise(userId, organizationId, body = {}, headers = {}) {
      const sent = { organizationId, title: 'The tap drips', ...body };
      const raise = (more: Record<string, string>) =>
        send(userId, 'POST', '/api/client/issues/raise', { body: sent, headers: { ...more, ...headers } });
      if (headers.prefer !== undefined) return raise({});
      const wanted = { prefer: 'wait=15', 'idempotency-key': crypto.randomUUID() };
      return waitFor(async () => {
        const answer = await raise(wanted);
        return answer.status === 202 || answer.status === 503 ? undefined : answer;
      });
    },
    async addOrganization({ id = crypto.randomUUID(), name = `of ${id}`, active = true } = {}) {
      await orm.em.execute('insert into organizations (id, name, active) values (?, ?, ?)', [
        id,
        name,
        active,
      ]);
      return id;
    },
    async close() {
      await shutdown.closeAll('the test is over');
      await database.drop();
    },
  };
}

export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`expected a JSON object, got ${value}`);
  return { ...value };
}
