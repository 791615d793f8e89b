import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { type Durability, SURVIVALS } from '../durability.ts';
import { QueueUnavailableError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import { defineRead } from './database-reads.ts';
import type { Intake } from './intake.ts';
import { problems } from './responses.ts';

export interface HealthOptions {
  readonly intake: Pick<Intake, 'ping'>;
  readonly orm: MikroORM;
  /** What an accepted submission survives. Left out where none is accepted. */
  readonly durability?: (() => Durability) | undefined;
  readonly workersAreReady?: (() => boolean) | undefined;
}

const PROBE_TIMEOUT_MS = 1_000;

const Part = Type.Enum(['up', 'down']);

const Alive = Type.Object({ status: Type.Literal('ok') });
const Accepted = Type.Object(
  {
    survives: Type.Enum(SURVIVALS, {
      description:
        '`nothing`: it lives as long as the queue store’s process; `process`: it survives a crash of any process; ' +
        '`machine`: also of the queue store’s machine; `node`: also the loss of that machine with its disks; ' +
        '`unknown`: the queue store does not say',
    }),
    detail: Type.String({ examples: ['a crash of the machine can lose the last second'] }),
  },
  { description: 'What a submission survives from the moment at which it is answered with 202' },
);
const Ready = Type.Object({
  status: Type.Literal('ready'),
  queue: Type.Literal('up'),
  database: Part,
  accepted: Type.Optional(Accepted),
});

class NotReadyError extends ApiError {
  override readonly code = 'not_ready';
  override readonly status = 503;
  override readonly title = 'The service is not ready';
  readonly #parts: Readonly<Record<string, 'up' | 'down'>>;

  constructor(detail: string, parts: Readonly<Record<string, 'up' | 'down'>>, options?: ErrorOptions) {
    super(detail, options);
    this.#parts = parts;
  }

  override get members() {
    return this.#parts;
  }
}

const ask = defineRead('select 1 as one', Type.Object({ one: Type.Integer() }));

/**
 * GET /healthz: the process lives. GET /readyz: it can accept submissions, for
 * which it needs the queue alone; the database is only reported. One that also
 * runs workers is not ready when a lane is stuck, because it is about to end.
 */
export const health: FastifyPluginAsyncTypebox<HealthOptions> = async (app, options) => {
  const { intake, orm, durability, workersAreReady = () => true } = options;
  const open = { tags: ['operation'], security: [] };

  app.get(
    '/healthz',
    { schema: { ...open, operationId: 'healthz', summary: 'The process lives', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        ...open,
        operationId: 'readyz',
        summary: 'Submissions can be accepted',
        response: { 200: Ready, ...problems(503) },
      },
    },
    async () => {
      const [queue, database] = await Promise.all([probeQueue(intake), probeDatabase(orm)]);
      if (queue !== undefined) {
        throw new NotReadyError(
          'the queue store does not answer',
          { queue: 'down', database },
          { cause: queue },
        );
      }
      if (!workersAreReady()) {
        throw new NotReadyError('a lane is stuck', { queue: 'up', database, workers: 'down' });
      }
      const accepted = durability?.();
      return { status: 'ready' as const, queue: 'up' as const, database, ...(accepted && { accepted }) };
    },
  );
};

async function probeQueue(intake: HealthOptions['intake']): Promise<QueueUnavailableError | undefined> {
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
