import { setTimeout as sleep } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openSettings, readRecords } from '../epoch-records.ts';
import { type Standing, standingOf } from '../epochs.ts';
import type { QueueStore } from '../queue-store.ts';
import { countRows, lookAtDomain } from './look-at-domain.ts';
import { lookAtLanes } from './look-at-lanes.ts';
import { type Look, type LookAt, lookTwice, Suspicion } from './looks.ts';
import { openLanes } from './open-lanes.ts';
import { patiently } from './patiently.ts';
import { Waiting } from './waiting.ts';

export interface AuditOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  /** How many lanes there should be. */
  readonly lanes: number;
  /** Milliseconds by which the clocks of API processes may differ. */
  readonly clockSkewMs: number;
  /** Milliseconds until what looks wrong is looked at again. */
  readonly againAfterMs: number;
}

export interface Audit {
  /** One for each check. */
  readonly checks: readonly Look[];
  /** How many of each there were to look at. */
  readonly issues: number;
  readonly refusals: number;
  readonly jobs: number;
  readonly lanes: number;
  readonly waiting: number;
  /** Undefined when none waits. Late is no fault: the lane may wait for the database. */
  readonly oldestWaiting: { readonly lane: string; readonly ageMs: number } | undefined;
  readonly tookMs: number;
}

/**
 * Checks the invariants of a system at work, and changes nothing.
 *
 * @throws when database or queue store do not answer
 */
export async function audit({ store, orm, lanes, clockSkewMs, againAfterMs }: AuditOptions): Promise<Audit> {
  const begun = performance.now();
  const pause = () => sleep(againAfterMs);
  const settings = await patiently(() => openSettings(store));
  const readStanding = () => patiently(async () => standingOf(await readRecords(settings)));
  const laneCount = await lookTwice(lookAtLaneCount(readStanding, lanes), pause);

  // The lanes that are there, not those that somebody typed.
  const there = (await readStanding()) ?? inFirstEpoch(lanes);
  const openedLanes = await openLanes(store, there);
  let waiting = new Waiting();
  const lookAtQueues = lookAtLanes({ orm, lanes: openedLanes, onPage: (...page) => waiting.note(...page) });
  const onLanes = await lookTwice(only => {
    waiting = new Waiting();
    return lookAtQueues(only);
  }, pause);
  const inDatabase = await lookTwice(lookAtDomain({ orm, clockSkewMs }), pause);

  return {
    checks: [...inDatabase, ...laneCount, ...onLanes],
    ...(await countRows(orm)),
    lanes: there.epochs.at(-1)?.lanes ?? lanes,
    ...waiting.seen(),
    tookMs: performance.now() - begun,
  };
}

function lookAtLaneCount(read: () => Promise<Standing | undefined>, ours: number): LookAt {
  return async () => {
    const suspicion = new Suspicion('lane_count', 'the store is, or has been, in use with LANES lanes');
    const theirs = (await read())?.epochs.map(({ lanes }) => lanes) ?? [];
    if (!theirs.includes(ours))
      suspicion.add({ what: `LANES is ${ours}, the store says ${theirs.at(-1) ?? 'nothing'}` });
    return [suspicion.look()];
  };
}

/** Of a store that does not say. */
function inFirstEpoch(lanes: number): Standing {
  return { store: '', epochs: [{ number: 1, lanes }], sealed: 0, drained: 0 };
}
