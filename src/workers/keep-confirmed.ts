import type { Logger } from 'pino';
import { agreeOnLaneCount, openSettings } from '../lane-count.ts';
import type { LaneQueue, QueueStore } from '../queue-store.ts';
import { untilAnswers } from '../until-answers.ts';

const CONFIRM_EVERY_MS = 5000;

/**
 * What order rests on lies in the store: the number of lanes, and one job at a
 * time on each. Both are confirmed before the lanes open, after a reconnection,
 * and every few seconds, because a store can lose them (FLUSHALL, a failover).
 *
 * @returns what stops it
 * @throws LaneCountMismatchError
 */
export async function keepConfirmed(
  store: QueueStore,
  queues: readonly LaneQueue[],
  log: Logger,
): Promise<() => void> {
  const settings = openSettings(store);
  const confirm = async () => {
    await agreeOnLaneCount(settings, queues.length);
    await Promise.all(queues.map(queue => queue.setGlobalConcurrency(1)));
  };
  const confirmAgain = () => confirm().catch(error => log.error({ err: error }, 'cannot confirm the lanes'));
  await untilAnswers('queue store', confirm, log);
  store.onReconnect(confirmAgain);
  const timer = setInterval(confirmAgain, CONFIRM_EVERY_MS);
  return () => clearInterval(timer);
}
