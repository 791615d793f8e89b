import type { Standing } from './epochs.ts';
import type { Epoch } from './lanes.ts';

/** An epoch that is over is still looked into for so long: by requests that began before. */
const REMEMBERED_MS = 5000;

/** Which epochs may still be asked for. */
export class RememberedEpochs {
  readonly #overAt = new Map<number, number>();

  /** Whether an epoch is not over, or has been for a few seconds only since this was first asked. */
  has({ number }: Epoch, { drained }: Standing): boolean {
    if (number > drained) return true;
    const overAt = this.#overAt.get(number) ?? performance.now();
    this.#overAt.set(number, overAt);
    return performance.now() - overAt < REMEMBERED_MS;
  }
}
