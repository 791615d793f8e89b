import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { WebhookFigures } from '../figures/webhook-figures.ts';
import {
  type Delivery,
  deactivate,
  type Endpoint,
  forget,
  putOff,
  readDue,
  readEndpoint,
  readLeastTried,
  readNext,
} from './deliveries.ts';
import type { Rests } from './rests.ts';
import { SENT_AT_ONCE, type TellOptions, type Told, tellAtOnce, tellInOrder } from './tell.ts';
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

export interface TurnOptions extends TellOptions {
  readonly orm: MikroORM;
  readonly watermark: Pick<Watermark, 'mark'>;
  readonly rests: Rests;
  readonly figures: WebhookFigures;
  readonly log: Logger;
}

/** Safe to run twice at once: the endpoint is then told some outcomes twice. @throws the database's error */
export async function takeTurn(endpointId: string, options: TurnOptions): Promise<void> {
  const endsAt = performance.now() + LONGEST_TURN_MS;
  while (!options.stopping.aborted && performance.now() < endsAt) {
    if (!(await takeRound(endpointId, options))) return;
  }
}

/** @returns whether there may be more to tell at once */
async function takeRound(endpointId: string, options: TurnOptions): Promise<boolean> {
  const { orm, rests } = options;
  if (rests.isResting(endpointId)) return false;
  const endpoint = await readEndpoint(orm, endpointId);
  if (endpoint === undefined) return false;
  const due = await read(endpointId, endpoint, options);
  if (due.length === 0) return false;
  const told = await tell(endpoint, due, options);
  await note(endpointId, told, options);
  const { done, failed } = told;
  const enough = rests.isInDoubt(endpointId) ? 1 : SENT_AT_ONCE;
  if (done.length > 0) rests.end(endpointId);
  // What is told in order waits for its first one anyway.
  else if (!endpoint.ordered && failed.length >= enough) rests.begin(endpointId);
  return done.length > 0;
}

function read(
  endpointId: string,
  { ordered }: Endpoint,
  { orm, watermark, rests }: TurnOptions,
): Promise<Delivery[]> {
  if (ordered) return readNext(orm, endpointId, watermark.mark, IN_ROUND);
  return rests.isInDoubt(endpointId) ? readLeastTried(orm, endpointId) : readDue(orm, endpointId, IN_ROUND);
}

function tell(endpoint: Endpoint, due: readonly Delivery[], options: TurnOptions): Promise<Told> {
  return endpoint.ordered ? tellInOrder(endpoint, due, options) : tellAtOnce(endpoint, due, options);
}

async function note(endpointId: string, told: Told, { orm, figures, log }: TurnOptions): Promise<void> {
  const { done, failed, isGone } = told;
  if (done.length > 0) await forget(orm, endpointId, done);
  figures.delivered += done.length;
  const givenUp = failed.length > 0 ? await putOff(orm, endpointId, failed) : 0;
  figures.failed += failed.length;
  figures.givenUp += givenUp;
  if (givenUp > 0) log.warn({ endpointId, deliveries: givenUp }, 'given up after three days');
  if (!isGone) return;
  await deactivate(orm, endpointId);
  log.warn({ endpointId }, 'the endpoint wants no more: it is inactive now');
}
