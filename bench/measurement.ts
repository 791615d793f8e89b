import type { Options } from './options.ts';
import type { Section } from './report/figures.ts';
import type { Services } from './system/services.ts';

/** What a measurement works with. */
export interface Bench {
  readonly services: Services;
  readonly options: Options;
  /** Shows what is being done now. */
  readonly step: (what: string) => void;
}

export interface Measurement {
  readonly name: string;
  /** How often it calls `step`. */
  readonly steps: (options: Options) => number;
  readonly run: (bench: Bench) => Promise<Section>;
}

/** A B A B: each case once, then each again, so that what changes on the machine meets all alike. */
export async function inTurn<Case>(
  rounds: number,
  cases: readonly Case[],
  measure: (each: Case, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const each of cases) await measure(each, round);
  }
}
