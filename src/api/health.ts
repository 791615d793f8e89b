import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { QueueUnavailableError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import { defineRead } from './database-reads.ts';
import type { Intake } from './intake.ts';
import { problems } from './responses.ts';

export interface HealthOptions {
  readonly intake: Intake;
  readonly orm: MikroORM;
}

const PROBE_TIMEOUT_MS = 1_000;

const Part = Type.Enum(['up', 'down']);

const Alive = Type.Object({ status: Type.Literal('ok') });
const Ready = Type.Object({ status: Type.Literal('ready'), queue: Type.Literal('up'), database: Part });

class NotReadyError extends ApiError {
  override readonly code = 'not_ready';
  override readonly status = 503;
  override readonly title = 'The service is not ready';
  readonly database: 'up' | 'down';

  constructor(database: 'up' | 'down', options?: ErrorOptions) {
    super('the queue store does not answer', options);
    this.database = database;
  }

  override get members() {
    return { queue: 'down', database: this.database };
  }
}

const ask = defineRead('select 1 as one', Type.Object({ one: Type.Integer() }));

/**
 * GET /healthz: the process lives. GET /readyz: it can accept submissions, for
 * which it needs the queue alone; the database is only reported.
 */
export const health: FastifyPluginAsyncTypebox<HealthOptions> = async (app, { intake, orm }) => {
  const tags = ['operation'];

  app.get(
    '/healthz',
    { schema: { tags, summary: 'The process lives', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    { schema: { tags, summary: 'Submissions can be accepted', response: { 200: Ready, ...problems(503) } } },
    async () => {
      const [queue, database] = await Promise.all([probeQueue(intake), probeDatabase(orm)]);
      if (queue !== undefined) throw new NotReadyError(database, { cause: queue });
      return { status: 'ready' as const, queue: 'up' as const, database };
    },
  );
};

async function probeQueue(intake: Intake): Promise<QueueUnavailableError | undefined> {
  try {
    await intake.ping();
    return undefined;
  } catch (error) {
    if (error instanceof QueueUnavailableError) return error;
    throw error;
  }
}

async function probeDatabase(orm: MikroORM): Promise<'up' | 'down'> {
  return ask(orm, [], PROBE_TIMEOUT_MS).then(
    () => 'up',
    () => 'down',
  );
}
