/*
 * How often a value fell between two bounds. The bounds are fixed, so histograms
 * of several processes and times can be added and subtracted.
 */

export class Histogram {
  /** Upper bounds, each included, rising. */
  readonly bounds: readonly number[];
  /** For each bound, and last for what is above all of them. */
  readonly counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array(bounds.length + 1).fill(0);
  }

  /** Of all values. */
  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }
}

/**
 * The value that a share of all values does not exceed, taking those between two
 * bounds as evenly spread; the highest bound for what is above it.
 *
 * @param share 0 to 1
 * @returns undefined when there are no values
 */
export function quantile(
  share: number,
  bounds: readonly number[],
  counts: readonly number[],
): number | undefined {
  let left = share * counts.reduce((sum, count) => sum + count, 0);
  if (left === 0) return undefined;
  for (const [bucket, bound] of bounds.entries()) {
    const count = counts[bucket] ?? 0;
    const lower = bounds[bucket - 1] ?? 0;
    if (left <= count) return lower + (bound - lower) * (left / count);
    left -= count;
  }
  return bounds.at(-1);
}
