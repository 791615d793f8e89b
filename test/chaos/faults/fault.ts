import type { Ledger } from '../ledger.ts';
import type { Random } from '../random.ts';
import type { Schedulable } from '../schedule.ts';
import type { Flushed } from '../system/lane-keys.ts';
import type { System } from '../system/system.ts';

/** What a fault strikes. */
export interface Struck {
  readonly system: System;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Told what a FLUSHALL took with it. */
  readonly onFlush: (flushed: Flushed) => void;
}

export type Heal = () => Promise<void>;

/** Something that goes wrong, and is put right after its time. */
export interface Fault extends Schedulable {
  /** For people: what happens. */
  readonly title: string;
  /** Why this machine cannot do it; undefined where it can. */
  readonly unavailable?: (system: System) => string | undefined;
  /** @returns puts it right again */
  inject(struck: Struck): Promise<Heal>;
}

/** Where the system has to get well without any help. */
export const NOTHING_TO_HEAL: Heal = async () => {};
