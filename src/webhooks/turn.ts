import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { WebhookFigures } from '../figures/webhook-figures.ts';
import { deactivate, forget, putOff, readDue, readEndpoint, readLeastTried, readNext } from './deliveries.ts';
import { giveUpOld } from './give-up.ts';
import type { Rests } from './rests.ts';
import { type TellOptions, type Told, tellInOrder } from './tell.ts';
import { SENT_AT_ONCE, TellAtOnce } from './tell-at-once.ts';
import type { Watermark } from './watermark.ts';

/*
 * The turn of one endpoint: it is told what is due, round by round, until nothing
 * is, or others have waited long enough. What a round delivered is deleted behind
 * it, so a process that dies leaves at most one round that is told again.
 */

/** Then others have their turn. */
const LONGEST_TURN_MS = 10_000;

/** Deliveries in a round: its three statements are for all of them. */
const IN_ROUND = 64;

/** A round does not wait longer for answers; then the endpoint is read again, for it may have been changed. */
const LONGEST_ROUND_MS = 1000;

export interface TurnOptions extends TellOptions {
  readonly orm: MikroORM;
  readonly watermark: Pick<Watermark, 'mark'>;
  readonly rests: Rests;
  readonly figures: WebhookFigures;
  readonly log: Logger;
}

/** Safe to run twice at once: the endpoint is then told some outcomes twice. @throws the database's error */
export async function takeTurn(endpointId: string, options: TurnOptions): Promise<void> {
  if (options.rests.isResting(endpointId)) return;
  const endsAt = performance.now() + LONGEST_TURN_MS;
  const isOver = () => options.stopping.aborted || performance.now() > endsAt;
  const endpoint = await readEndpoint(options.orm, endpointId);
  if (endpoint?.ordered === true) await takeInOrder(endpointId, isOver, options);
  if (endpoint?.ordered === false) await takeInAnyOrder(endpointId, isOver, options);
}

async function takeInOrder(endpointId: string, isOver: () => boolean, options: TurnOptions): Promise<void> {
  const { orm, watermark } = options;
  while (!isOver()) {
    const endpoint = await readEndpoint(orm, endpointId);
    const next = await readNext(orm, endpointId, watermark.mark, IN_ROUND);
    if (endpoint?.ordered !== true || next.length === 0) return;
    const roundEndsAt = performance.now() + LONGEST_ROUND_MS;
    const isRoundOver = () => isOver() || performance.now() > roundEndsAt;
    const told = await tellInOrder(endpoint, next, isRoundOver, options);
    const givenUp = await note(endpointId, told, options);
    // At its first try: so the one before it was given up as well, and it is not only one that fails.
    if (givenUp > 0 && told.failed[0]?.tries === 0) await giveUpAll(endpointId, options);
  }
}

async function takeInAnyOrder(
  endpointId: string,
  isOver: () => boolean,
  options: TurnOptions,
): Promise<void> {
  const { rests } = options;
  let inVain = 0;
  const isInVain = () => inVain >= (rests.isInDoubt(endpointId) ? 1 : SENT_AT_ONCE);
  const telling = new TellAtOnce(() => isOver() || isInVain(), options);
  for (;;) {
    if (!isOver() && !isInVain()) await beginMore(endpointId, telling, options);
    if (telling.sending.size === 0) break;
    await telling.settle(LONGEST_ROUND_MS);
    const told = telling.take();
    await note(endpointId, told, options);
    inVain = told.done.length > 0 ? 0 : inVain + told.failed.length;
  }
  if (!isInVain()) return;
  rests.begin(endpointId);
  await giveUpAll(endpointId, options);
}

async function beginMore(
  endpointId: string,
  telling: TellAtOnce,
  { orm, rests }: TurnOptions,
): Promise<void> {
  const endpoint = await readEndpoint(orm, endpointId);
  const isStillSo = endpoint?.ordered === false;
  telling.aim(isStillSo ? endpoint : undefined);
  if (!isStillSo) return;
  const due = rests.isInDoubt(endpointId)
    ? await readLeastTried(orm, endpointId)
    : await readDue(orm, endpointId, IN_ROUND);
  telling.begin(due.filter(({ id }) => !telling.sending.has(id)));
}

/** @returns how many deliveries are given up */
async function note(endpointId: string, told: Told, options: TurnOptions): Promise<number> {
  const { orm, rests, figures, log } = options;
  const { done, failed, goneUrl } = told;
  if (done.length > 0) {
    rests.end(endpointId);
    await forget(orm, endpointId, done);
  }
  figures.delivered += done.length;
  const givenUp = failed.length > 0 ? await putOff(orm, endpointId, failed) : 0;
  figures.failed += failed.length;
  noteGivenUp(endpointId, givenUp, options);
  if (goneUrl !== undefined && (await deactivate(orm, endpointId, goneUrl)))
    log.warn({ endpointId }, 'the endpoint wants no more: it is inactive now');
  return givenUp;
}

/** All that is too old: nothing reaches the endpoint, and one after the other would never end. */
async function giveUpAll(endpointId: string, options: TurnOptions): Promise<void> {
  noteGivenUp(endpointId, await giveUpOld(options.orm, endpointId), options);
}

function noteGivenUp(endpointId: string, deliveries: number, { figures, log }: TurnOptions): void {
  figures.givenUp += deliveries;
  if (deliveries > 0) log.warn({ endpointId, deliveries }, 'given up after three days');
}
