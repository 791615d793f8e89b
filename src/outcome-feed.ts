import type { Logger } from 'pino';
import { messageOf } from './errors.ts';
import { type Lane, laneLabel } from './lanes.ts';
import type { StoreRelay } from './queue-store.ts';
import type { Outcome } from './submission.ts';

/*
 * News of outcomes, from the worker that committed them to whoever waits, on any
 * process: one message per unit of work on the lane's topic. News may be lost;
 * what became of a submission is always in the queue and the database.
 */

const TOPIC = 'outcomes';

export interface News {
  readonly submissionId: string;
  readonly outcome: Outcome;
}

export interface OutcomeFeed {
  /** Tells whoever listens to the lane. Never waits and never fails. */
  publish(lane: Lane, news: readonly News[]): void;
  /** Hears every lane's news from when it resolves until `stop` is called. @throws when the store does not answer */
  listen(listener: (news: readonly News[]) => void): Promise<{ stop(): Promise<void> }>;
}

/** The feed of the processes that share `relay`'s store. */
export function outcomeFeed(relay: StoreRelay, log: Logger): OutcomeFeed {
  return {
    publish(lane, news) {
      relay.publish(`${TOPIC}.${laneLabel(lane)}`, news).catch((error: unknown) => {
        log.debug({ reason: messageOf(error) }, 'nobody was told of these outcomes');
      });
    },
    async listen(listener) {
      const subscription = await relay.subscribe<readonly News[]>(`${TOPIC}.*`, ({ data }) => listener(data));
      return { stop: () => subscription.unsubscribe() };
    },
  };
}
