import type { Queue, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { logConnectionError } from './connection-errors.ts';
import { messageOf } from './errors.ts';
import { within } from './within.ts';

/*
 * The queue of webhooks: a job is the turn of one endpoint, and its id is the
 * endpoint's. One that waits or is at work is not added again, so no two processes
 * tell an endpoint at once, as long as each keeps its job's lock; when a process
 * dies, BullMQ gives its jobs to another. What is to be told is not in it: that is
 * in PostgreSQL, so a queue that is emptied loses nothing.
 */

/** In a Redis Cluster its keys share one hash slot, as those of a lane do. */
export const TURN_QUEUE_NAME = '{webhooks}';

export type TurnsOfStore = Queue<object, void, typeof TURN>;
export type TurnTaker = Worker<object, void, typeof TURN>;

const TURN = 'turn';

const ANSWER_WITHIN_MS = 2000;

/** Who takes the turns. */
export interface TurnListener {
  /** Whatever it throws only ends the turn. */
  take(endpointId: string): Promise<void>;
  /** Told after each turn: the endpoint can have another. */
  ended(): void;
}

export class TurnQueue {
  readonly #queue: TurnsOfStore;
  readonly #worker: TurnTaker;
  #adding: Promise<void> | undefined;

  /** @param worker it has begun to take turns */
  constructor(queue: TurnsOfStore, worker: TurnTaker, { ended }: TurnListener, log: Logger) {
    this.#queue = queue;
    this.#worker = worker;
    const onError = (error: Error) => logConnectionError(log, error, TURN_QUEUE_NAME);
    queue.on('error', onError);
    worker.on('error', onError);
    worker.on('completed', ended);
    worker.on('failed', (job, error) => {
      log.warn({ endpointId: job?.id, reason: messageOf(error) }, 'a turn failed');
      ended();
    });
  }

  /**
   * Gives each of these endpoints a turn, unless it has one. While an earlier call
   * has no answer this one only waits for that: its commands wait in our memory for
   * as long as the store is away, and more of them would fill it.
   *
   * @throws the store's error; TimeoutError
   */
  async add(endpointIds: readonly string[]): Promise<void> {
    if (endpointIds.length === 0) return;
    this.#adding ??= this.#addAll(endpointIds).finally(() => {
      this.#adding = undefined;
    });
    await within(ANSWER_WITHIN_MS, this.#adding);
  }

  async #addAll(endpointIds: readonly string[]): Promise<void> {
    await this.#queue.addBulk(endpointIds.map(jobId => ({ name: TURN, data: {}, opts: { jobId } }) as const));
  }

  /** Ends the turns that are being taken, and takes no more. */
  async close(): Promise<void> {
    await this.#worker.close();
    await this.#queue.close();
  }
}

/** What BullMQ calls for a job. */
export function turnOf({ take }: TurnListener): (job: { readonly id?: string | undefined }) => Promise<void> {
  return async ({ id }) => {
    if (id !== undefined) await take(id);
  };
}
