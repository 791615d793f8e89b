import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { StoreRelay } from '../queue-store.ts';
import { within } from '../within.ts';
import type { Figures } from './figures.ts';
import { parseSnapshot, type Snapshot, snapshotOf } from './snapshot.ts';

/*
 * The figures of all processes, through the queue store: each leaves its newest
 * snapshot there, and whoever wants to know reads all of them. That costs a
 * process one command every 2 s, however many look.
 */

export const SHARE_EVERY_MS = 2000;

/** A process that has not been heard of for this long is taken for gone. */
const KEPT_FOR_MS = 7000;

const ANSWER_WITHIN_MS = 1000;

const TOPIC = 'figures';

export interface ShareOptions {
  readonly relay: Pick<StoreRelay, 'publish'>;
  readonly figures: Figures;
  readonly log: Logger;
}

/** Shares a process's figures from now on. Never fails: a store that is away gets the next ones. */
export function shareFigures({ relay, figures, log }: ShareOptions): { close(): Promise<void> } {
  let sending: Promise<unknown> | undefined;
  const send = (isLast: boolean) =>
    relay
      .publish(`${TOPIC}.${figures.id}`, snapshotOf(figures, isLast), { retain: KEPT_FOR_MS })
      .catch(error => log.debug({ reason: messageOf(error) }, 'cannot share the figures'));
  const share = () => {
    // While the store is away one snapshot waits for it, not all.
    sending ??= send(false).finally(() => {
      sending = undefined;
    });
  };
  share();
  const timer = setInterval(share, SHARE_EVERY_MS).unref();
  return {
    async close() {
      clearInterval(timer);
      // Not before the one that is on its way.
      const last = Promise.resolve(sending).then(() => send(true));
      await within(ANSWER_WITHIN_MS, last).catch(() => {});
    },
  };
}

/**
 * The newest figures of all processes, oldest first.
 *
 * @throws when the store does not answer within 1 s
 */
export async function readFigures(relay: Pick<StoreRelay, 'getRetained'>): Promise<Snapshot[]> {
  const retained = await within(ANSWER_WITHIN_MS, relay.getRetained());
  return retained
    .filter(({ topic }) => topic.startsWith(`${TOPIC}.`))
    .sort((one, other) => one.expiresAt - other.expiresAt)
    .map(({ data }) => parseSnapshot(data))
    .filter(snapshot => snapshot !== undefined);
}
