import type { Logger } from 'pino';
import { logConnectionError } from './connection-errors.ts';
import type { QueueStore, StoreRelay } from './queue-store.ts';

/**
 * Opens a relay that is connected: one whose first attempt failed refuses everything, for ever.
 *
 * @throws when the store does not answer; try again with this
 */
export async function openReadyRelay(store: QueueStore, name: string, log: Logger): Promise<StoreRelay> {
  const relay = store.openRelay(name);
  relay.on('error', error => logConnectionError(log, error, 'relay'));
  try {
    await relay.waitUntilReady();
  } catch (error) {
    await relay.close().catch(() => {});
    throw error;
  }
  return relay;
}
