import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Delivery, Endpoint } from './deliveries.ts';
import { nothingTold, type TellOptions, type Told, tellOne } from './tell.ts';

/** Requests to one endpoint at a time, where order does not matter. */
export const SENT_AT_ONCE = 16;

/**
 * Tells one endpoint several outcomes at once. One that is not answered keeps its
 * place among those that are sent, and none of the others waits for it. As long
 * as none has arrived, no more are sent than these places. One that has no place
 * yet when it is over is not sent.
 */
export class TellAtOnce {
  readonly #options: TellOptions;
  readonly #isOver: () => boolean;
  readonly #inTurn = pLimit(SENT_AT_ONCE);
  readonly #sending = new Map<string, Promise<unknown>>();
  #ended: string[] = [];
  #endpoint: Endpoint | undefined;
  #told = nothingTold();
  #begun = 0;
  #hasArrived = false;

  constructor(isOver: () => boolean, options: TellOptions) {
    this.#isOver = isOver;
    this.#options = options;
  }

  /** The ids of those that are being sent, or wait for a place, or have not been taken since. */
  get sending(): ReadonlyMap<string, unknown> {
    return this.#sending;
  }

  /** To whom all is sent that is not on its way yet; undefined: nothing is. */
  aim(endpoint: Endpoint | undefined): void {
    this.#endpoint = endpoint;
  }

  begin(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const telling = this.#inTurn(() => this.#tell(delivery));
      this.#sending.set(
        delivery.id,
        telling.finally(() => this.#ended.push(delivery.id)),
      );
    }
  }

  /** Resolves when all are answered, or after so many milliseconds. */
  async settle(withinMs: number): Promise<void> {
    const over = new AbortController();
    const answered = Promise.all(this.#sending.values()).finally(() => over.abort());
    await Promise.race([answered, sleep(withinMs, undefined, over).catch(() => {})]);
  }

  /** What became of those that are answered since this was asked last. */
  take(): Told {
    const told = this.#told;
    this.#told = nothingTold();
    for (const id of this.#ended) this.#sending.delete(id);
    this.#ended = [];
    return told;
  }

  async #tell(delivery: Delivery): Promise<void> {
    const endpoint = this.#endpoint;
    if (endpoint === undefined || this.#told.goneUrl !== undefined || this.#isOver()) return;
    if (!this.#hasArrived && this.#begun >= SENT_AT_ONCE) return;
    this.#begun++;
    const answered = nothingTold();
    await tellOne(endpoint, delivery, answered, this.#options);
    this.#hasArrived ||= answered.done.length > 0;
    this.#told.done.push(...answered.done);
    this.#told.failed.push(...answered.failed);
    this.#told.goneUrl ??= answered.goneUrl;
  }
}
