import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Histogram as Counts } from '../figures/histogram.ts';

/*
 * Metrics whose values are counted elsewhere, and only fetched when somebody
 * asks: prom-client's own counting hashes the labels of every observation.
 */

export interface Described {
  readonly name: string;
  readonly help: string;
}

export type Labels = Record<string, string>;

/** Values by their labels. */
export type Values = Iterable<readonly [Labels, number]>;

/** Of `values`, which only rise. */
export function counter(registry: Registry, described: Described, labels: string[], values: () => Values) {
  new Counter({
    ...described,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      for (const [each, value] of values()) this.inc(each, value);
    },
  });
}

export function gauge(registry: Registry, described: Described, labels: string[], values: () => Values) {
  new Gauge({
    ...described,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      // One without labels is 0 now; it may be unknown as well.
      if (labels.length === 0) this.remove();
      for (const [each, value] of values()) this.set(each, value);
    },
  });
}

/** For a metric without labels. */
export function only(value: number): Values {
  return [[{}, value]];
}

export function histogram(
  registry: Registry,
  described: Described,
  labels: string[],
  counts: () => Iterable<readonly [Labels, Counts]>,
) {
  new CollectedHistogram(registry, described, labels, counts);
}

class CollectedHistogram extends Histogram {
  readonly #described: Described;
  readonly #counts: () => Iterable<readonly [Labels, Counts]>;

  constructor(
    registry: Registry,
    described: Described,
    labelNames: string[],
    counts: () => Iterable<readonly [Labels, Counts]>,
  ) {
    super({ ...described, labelNames, registers: [registry] });
    this.#described = described;
    this.#counts = counts;
  }

  /** What the registry asks for when it writes its text. */
  async getForPromString() {
    const values = [...this.#counts()].flatMap(([labels, counts]) =>
      samples(this.#described.name, labels, counts),
    );
    return { ...this.#described, type: 'histogram', values };
  }
}

function samples(name: string, labels: Labels, { bounds, counts, sum }: Counts) {
  let upTo = 0;
  const buckets = counts.map((count, bucket) => {
    upTo += count;
    const le = bounds[bucket] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: upTo },
  ];
}
