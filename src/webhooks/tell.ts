import { waitAfter } from './backoff.ts';
import type { Delivery, Endpoint, FailedTry } from './deliveries.ts';
import { messageFor } from './message.ts';
import type { Pace } from './pace.ts';
import type { Sender } from './send.ts';

export interface TellOptions {
  readonly sender: Sender;
  readonly pace: Pick<Pace, 'next'>;
  /** About how long to wait after the first failed try. */
  readonly retryAfterMs: number;
  /** Aborts when nothing more is to be sent. */
  readonly stopping: AbortSignal;
  /** Aborts when what is being sent is to be left. */
  readonly leaving: AbortSignal;
}

/** What became of some deliveries. One that is in neither list is as it was. */
export interface Told {
  /** Nothing is left to do for these. */
  readonly done: Delivery[];
  readonly failed: FailedTry[];
  /** The address that wants no more. */
  goneUrl: string | undefined;
}

export function nothingTold(): Told {
  return { done: [], failed: [], goneUrl: undefined };
}

/** Tells an endpoint, one after the other, until one fails, or it is over: one at least. */
export async function tellInOrder(
  endpoint: Endpoint,
  deliveries: readonly Delivery[],
  isOver: () => boolean,
  options: TellOptions,
): Promise<Told> {
  const told = nothingTold();
  for (const delivery of deliveries) {
    await tellOne(endpoint, delivery, told, options);
    if (told.failed.length > 0 || told.goneUrl !== undefined || isOver()) break;
  }
  return told;
}

/** Tells an endpoint of one outcome, and notes in `told` what became of it. */
export async function tellOne(
  { url, secrets }: Endpoint,
  delivery: Delivery,
  told: Told,
  { sender, pace, retryAfterMs, stopping, leaving }: TellOptions,
): Promise<void> {
  const message = messageFor(delivery);
  if (message === undefined) return void told.done.push(delivery);
  await pace.next(stopping);
  if (stopping.aborted) return;
  const sent = await sender.send({ url, secrets }, message, leaving);
  if (sent.result === 'delivered') told.done.push(delivery);
  // Broken off by us: that is no failure of theirs.
  else if (leaving.aborted) return;
  else if (sent.result === 'gone') told.goneUrl = url;
  else {
    const { position, entry, place, tries } = delivery;
    const afterMs = waitAfter(retryAfterMs, tries + 1, sent.afterMs);
    told.failed.push({ position, entry, place, tries, afterMs, failure: sent.reason });
  }
}
