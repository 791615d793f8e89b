import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { patiently } from './audit/patiently.ts';
import { openSettings } from './epoch-records.ts';
import { Epochs, type Standing } from './epochs.ts';
import { CannotRunError } from './errors.ts';
import { type LaneSet, openLaneSet } from './lane-set.ts';
import { Progress } from './progress.ts';
import { openQueueStore } from './queue-store.ts';
import type { RedriveArguments } from './redrive/arguments.ts';
import type { Candidate } from './redrive/candidate.ts';
import { type Deed, findRefused, foresee, redrive } from './redrive/redrive.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';

/** From one look whether these are still the lanes to the next. */
const LOOK_EVERY_MS = 1000;

export interface RedriveRoleOptions extends RedriveArguments {
  readonly queueUrl: string;
  readonly orm: MikroORM;
  readonly lanes: number;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

/** Lanes that are about to be left take nothing new. */
export class LanesChangeError extends CannotRunError {
  constructor() {
    super(
      'the number of lanes is being changed; run this again when npm run lanes says that it is over: ' +
        'what is not redriven yet is found then',
    );
  }
}

/**
 * Puts refused submissions on their lanes again, and says what it did.
 *
 * @throws LaneCountMismatchError, LanesChangeError
 */
export async function runRedrive(options: RedriveRoleOptions): Promise<void> {
  const { queueUrl, orm, lanes, log, shutdown, selection, dryRun } = options;
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  shutdown.add(() => store.close());
  await untilAnswers('queue store', () => store.ping(), log);
  const opened = await patiently(async () => Epochs.open(await openSettings(store), lanes));
  const begun = opened.standing;
  const { epochs, drained } = begun;
  const [epoch, next] = epochs.slice(drained);
  if (epoch === undefined || next !== undefined) throw new LanesChangeError();

  const { queues } = await patiently(() => openLaneSet(store, epoch));
  const oldSets: LaneSet[] = [];
  for (const old of epochs.slice(0, drained)) oldSets.push(await patiently(() => openLaneSet(store, old)));
  const lanesThere = { orm, queues, oldSets };
  const refused = await findRefused(lanesThere, selection);
  const progress = new Progress(refused.length, process.stderr);
  const summary = new Summary();
  let lookedAt = performance.now();
  for (const each of refused) {
    if (performance.now() - lookedAt > LOOK_EVERY_MS) {
      await checkLanes(opened, begun);
      lookedAt = performance.now();
    }
    const deed = await (dryRun ? foresee : redrive)(lanesThere, each).catch(error => {
      throw store.isSealed(error) ? new LanesChangeError() : error;
    });
    if (dryRun) process.stdout.write(lineOf(each, deed));
    else progress.step();
    summary.add(each, deed);
  }
  await checkLanes(opened, begun);
  process.stdout.write(summary.text(dryRun));
}

/**
 * A seal keeps out what is added to a lane that is about to be left, not what is retried there.
 *
 * @throws LanesChangeError when there have been others since `begun`
 */
async function checkLanes(opened: Epochs, begun: Standing): Promise<void> {
  const { epochs, drained } = await patiently(() => opened.look());
  if (epochs.length !== begun.epochs.length || drained !== begun.drained) throw new LanesChangeError();
}

const PLANS: Record<Deed, string> = { retried: 'retry', 'put back': 'put back', skipped: 'skip' };

function lineOf({ id, userId, code, acceptedAt }: Candidate, deed: Deed): string {
  return `${PLANS[deed].padEnd(8)}  ${id}  ${acceptedAt.toISOString()}  ${code}  ${JSON.stringify(userId)}\n`;
}

class Summary {
  readonly #deeds: Record<Deed, number> = { retried: 0, 'put back': 0, skipped: 0 };
  readonly #codes = new Map<string, number>();

  add({ code }: Candidate, deed: Deed): void {
    this.#deeds[deed]++;
    if (deed !== 'skipped') this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  text(dryRun: boolean): string {
    const { retried, 'put back': putBack, skipped } = this.#deeds;
    const byCode = [...this.#codes].sort().map(([code, count]) => `  ${code}: ${count}\n`);
    const verb = dryRun ? 'would redrive' : 'redrove';
    return (
      `${verb} ${retried + putBack} (${retried} failed jobs retried, ${putBack} jobs made again), ` +
      `skipped ${skipped} that are on their lanes already\n${byCode.join('')}`
    );
  }
}
