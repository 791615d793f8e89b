import type { MikroORM } from '@mikro-orm/postgresql';
import { pino } from 'pino';
import { openDatabase } from '../../src/database.ts';
import { migratePostgresStore } from '../../src/postgres-store.ts';
import { runApi } from '../../src/run-api.ts';
import { runWorker } from '../../src/run-worker.ts';
import { Shutdown } from '../../src/shutdown.ts';
import { freshDatabase, freshRedisUrl } from './services.ts';
import { TOKEN_SECRET, tokenOf } from './tokens.ts';

export const ADMIN = { user: 'admin', password: 'the dashboard of a test' };

export type StoreKind = 'redis' | 'postgres';

/** The whole product in this process: an API that listens, and workers, on real stores of their own. */
export interface System {
  readonly address: string;
  readonly orm: MikroORM;
  readonly databaseUrl: string;
  readonly queueUrl: string;
  /** Adds an organization. @returns its id */
  addOrganization(options?: { id?: string; active?: boolean }): Promise<string>;
  /** Sends a request as a user. */
  send(userId: string, method: 'GET' | 'POST', path: string, options?: SendOptions): Promise<Answer>;
  /** Raises an issue and waits for its end. */
  raise(
    userId: string,
    organizationId: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
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
}

export async function startSystem(kind: StoreKind, options: SystemOptions = {}): Promise<System> {
  const { lanes = 4, readAhead = 32, withWorker = true } = options;
  const database = await freshDatabase();
  const queueUrl = kind === 'redis' ? await freshRedisUrl() : database.url;
  if (kind === 'postgres') await migratePostgresStore(queueUrl);

  const log = pino({ level: 'silent' });
  const shutdown = new Shutdown(log);
  const orm = openDatabase(database.url);
  shutdown.add(() => orm.close());
  const tokens = { key: { secret: TOKEN_SECRET }, issuer: undefined, audience: undefined };
  if (withWorker) await runWorker({ queueUrl, orm, lanes, readAhead, log, shutdown });
  const address = await runApi({
    queueUrl,
    orm,
    lanes,
    host: '127.0.0.1',
    port: 0,
    tokens,
    admin: ADMIN,
    log,
    shutdown,
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
    queueUrl,
    send,
    raise: (userId, organizationId, body = {}, headers = {}) =>
      send(userId, 'POST', '/api/client/issues/raise', {
        body: { organizationId, title: 'The tap drips', ...body },
        headers: { prefer: 'wait=15', ...headers },
      }),
    async addOrganization({ id = crypto.randomUUID(), active = true } = {}) {
      await orm.em.execute('insert into organizations (id, name, active) values (?, ?, ?)', [
        id,
        `of ${id}`,
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

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`expected a JSON object, got ${value}`);
  return { ...value };
}
