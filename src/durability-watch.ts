import type { Logger } from 'pino';
import type { Durability } from './durability.ts';
import { CannotRunError } from './errors.ts';
import type { QueueStore } from './queue-store.ts';
import { untilAnswers } from './until-answers.ts';

/** A setting can be changed, and a cluster's masters replaced, without a reconnection of ours. */
const LOOK_EVERY_MS = 60_000;

/** The queue store may lose accepted submissions. */
export class VolatileQueueError extends CannotRunError {
  constructor(complaint: string) {
    super(`${complaint}; or set ALLOW_VOLATILE_QUEUE=1 if submissions may be lost`);
  }
}

export interface DurabilityWatchOptions {
  readonly store: QueueStore;
  /** Whether a store that may lose submissions stops the start; it is only logged otherwise. */
  readonly refuseVolatile: boolean;
  readonly log: Logger;
}

export interface DurabilityWatch {
  /** As last seen. */
  current(): Durability;
  stop(): void;
}

/**
 * Waits for the queue store, reads what it promises, and follows it: after a
 * reconnection it may be another store. What changes later is logged and shown,
 * and stops nothing.
 *
 * @param whileWaiting called once, if the store does not answer at once
 * @throws VolatileQueueError
 */
export async function watchDurability(
  options: DurabilityWatchOptions,
  whileWaiting?: () => Promise<void>,
): Promise<DurabilityWatch> {
  const { store, refuseVolatile, log } = options;
  const ask = async () => {
    await store.ping();
    return store.durability();
  };
  let current = await untilAnswers('queue store', ask, log, whileWaiting);
  const [worst] = current.complaints;
  if (refuseVolatile && worst !== undefined) throw new VolatileQueueError(worst);
  report(current, log);

  const look = async () => {
    const seen = await store.durability().catch(() => current);
    if (JSON.stringify(seen) !== JSON.stringify(current)) report(seen, log);
    current = seen;
  };
  store.onReconnect(() => void look());
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { current: () => current, stop: () => clearInterval(timer) };
}

function report({ survives, detail, complaints }: Durability, log: Logger): void {
  log.info({ survives, detail }, 'what an accepted submission survives');
  for (const complaint of complaints) log.warn(complaint);
}
