import { LONGEST_WAIT_MS, waitAfter } from './backoff.ts';

/** One request a minute is no burden, and who is back should not be left for an hour. */
const LONGEST_REST_MS = 60_000;

/** Twice the longest wait of a delivery: who has not had a turn since then is inactive, or deleted. */
const FORGOTTEN_AFTER_MS = 2 * LONGEST_WAIT_MS;

/*
 * Endpoints that nothing reaches. However much such a one is to be told, it is
 * told one outcome at a time, and rests in between, longer each time, until one
 * arrives. Each process finds that out for itself.
 */

interface Rest {
  readonly failures: number;
  readonly endsAt: number;
}

export class Rests {
  readonly #firstMs: number;
  readonly #rests = new Map<string, Rest>();

  /** @param firstMs about how long the first rest is */
  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  isResting(endpointId: string): boolean {
    return (this.#rests.get(endpointId)?.endsAt ?? 0) > performance.now();
  }

  /** Whether nothing has arrived since the last rest. */
  isInDoubt(endpointId: string): boolean {
    return this.#rests.has(endpointId);
  }

  /** None of what was sent has arrived. */
  begin(endpointId: string): void {
    this.#forgetOld();
    const failures = (this.#rests.get(endpointId)?.failures ?? 0) + 1;
    const restMs = Math.min(waitAfter(this.#firstMs, failures), LONGEST_REST_MS);
    this.#rests.set(endpointId, { failures, endsAt: performance.now() + restMs });
  }

  /** Something has arrived. */
  end(endpointId: string): void {
    this.#rests.delete(endpointId);
  }

  #forgetOld(): void {
    const before = performance.now() - FORGOTTEN_AFTER_MS;
    for (const [id, { endsAt }] of this.#rests) if (endsAt < before) this.#rests.delete(id);
  }
}
