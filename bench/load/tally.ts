import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Latency, StreamResult } from './messages.ts';

const LONGEST_MS = 120_000;

/** Counts what becomes of one stream's requests. Latencies only of those due while measuring. */
export class Tally {
  readonly #name: string;
  readonly #answers = newHistogram();
  readonly #outcomes = newHistogram();
  readonly #waitsForOutcomes: boolean;
  #accepted = 0;
  #limited = 0;
  #counted = 0;
  #awaited = 0;

  constructor(name: string, waitsForOutcomes: boolean) {
    this.#name = name;
    this.#waitsForOutcomes = waitsForOutcomes;
  }

  answer(accepted: boolean, latencyMs: number | undefined): void {
    if (accepted) this.#accepted++;
    else this.#limited++;
    if (latencyMs !== undefined) record(this.#answers, latencyMs);
    if (accepted) this.#awaited++;
  }

  outcome(latencyMs: number | undefined): void {
    this.#awaited--;
    if (latencyMs !== undefined) record(this.#outcomes, latencyMs);
  }

  /** Something ended within the measured time. */
  count(): void {
    this.#counted++;
  }

  get awaited(): number {
    return this.#waitsForOutcomes ? this.#awaited : 0;
  }

  result(seconds: number): StreamResult {
    return {
      name: this.#name,
      perSecond: this.#counted / seconds,
      accepted: this.#accepted,
      limited: this.#limited,
      answer: latencyOf(this.#answers),
      ...(this.#waitsForOutcomes ? { outcome: latencyOf(this.#outcomes) } : {}),
      unheard: this.awaited,
    };
  }
}

/** In microseconds: HDR histograms hold whole numbers. */
function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_MS * 1000, figures: 3 });
}

function record(histogram: RecordableHistogram, latencyMs: number): void {
  histogram.record(Math.min(Math.max(1, Math.round(latencyMs * 1000)), LONGEST_MS * 1000));
}

function latencyOf(histogram: RecordableHistogram): Latency {
  const at = (percentile: number) => histogram.percentile(percentile) / 1000;
  return { p50: at(50), p95: at(95), p99: at(99), max: histogram.count === 0 ? 0 : histogram.max / 1000 };
}
