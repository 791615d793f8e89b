import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { WebhookFigures } from '../figures/webhook-figures.ts';
import type { QueueStore } from '../queue-store.ts';
import type { TurnQueue } from '../turn-queue.ts';
import { within } from '../within.ts';
import { removeGivenUp } from './give-up.ts';
import { keepCounting } from './left.ts';
import { Pace } from './pace.ts';
import { Rests } from './rests.ts';
import { Rounds } from './rounds.ts';
import type { Sender } from './send.ts';
import { takeTurn } from './turn.ts';
import { Watermark } from './watermark.ts';

/** Most receivers answer in less; the others are told again by the next process. */
const FINISH_WITHIN_MS = 3000;

/** What was given up is kept for 30 days, give or take this. */
const REMOVE_EVERY_MS = 60_000;

export interface CourierOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  readonly sender: Sender;
  /** About how long to wait after the first failed try. */
  readonly retryAfterMs: number;
  readonly figures: WebhookFigures;
  readonly log: Logger;
}

/** Tells organizations what became of their submissions; any number of processes do it together. */
export interface Courier {
  /** Whether it gets to see what is to be told. */
  isReady(): boolean;
  /** Lets what is being sent end, for up to 3 s. */
  close(): Promise<void>;
}

export function startCourier(options: CourierOptions): Courier {
  const { store, orm, retryAfterMs, log } = options;
  const [stopping, leaving] = [new AbortController(), new AbortController()];
  const watermark = new Watermark(orm);
  const pace = new Pace();
  const rests = new Rests(retryAfterMs);
  const turn = { ...options, watermark, pace, rests, stopping: stopping.signal, leaving: leaving.signal };
  const turns: TurnQueue = store.openTurns({
    take: endpointId => takeTurn(endpointId, turn),
    ended: () => rounds.wake(),
  });
  const rounds = new Rounds({ ...options, watermark, pace, rests, turns });
  void keepCounting(options, stopping.signal);
  // One that fails is made up for by the next.
  const remove = () => removeGivenUp(orm).catch(() => {});
  const removing = setInterval(remove, REMOVE_EVERY_MS);
  void remove();
  log.info('telling organizations of outcomes');

  return {
    isReady: () => rounds.isReady(),
    async close() {
      stopping.abort();
      clearInterval(removing);
      await rounds.close();
      const closing = turns.close();
      await within(FINISH_WITHIN_MS, closing).catch(() => leaving.abort());
      // A queue store that is away may keep it waiting for ever.
      await within(FINISH_WITHIN_MS, closing).catch(error =>
        log.warn({ err: error }, 'closing the webhooks'),
      );
    },
  };
}
