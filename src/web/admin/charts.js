import { Chart } from './chart.js';
import { bucketsOf, medianOf, rateOf, total, worstOf } from './series.js';
import { count, duration, plainCode, rate } from './words.js';

/**
 * The charts of what happens over time.
 *
 * @typedef {import('./answers.js').Point} Point
 * @typedef {import('./series.js').Bucket} Bucket
 */

export class Charts {
  #throughput;
  #latency;
  #retries;
  #refusals;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#throughput = new Chart(place, {
      title: 'Accepted and applied, per second',
      form: 'lines',
      format: rate,
      nothing: 'Nothing yet.',
    });
    this.#latency = new Chart(place, {
      title: 'From acceptance to commit',
      form: 'lines',
      format: duration,
      nothing: 'Nothing was applied yet.',
      colors: ['--chart-2', '--chart-3'],
    });
    this.#refusals = new Chart(place, {
      title: 'Rejected and failed, by code',
      form: 'bars',
      format: count,
      nothing: 'Nothing was rejected in this time.',
      colors: ['--chart-4', '--chart-3', '--chart-5', '--chart-6', '--chart-1'],
    });
    this.#retries = new Chart(place, {
      title: 'Retries, by kind',
      form: 'bars',
      format: count,
      nothing: 'Nothing had to be tried again in this time.',
      colors: ['--chart-5', '--chart-3', '--chart-6', '--chart-4', '--chart-1'],
    });
  }

  /**
   * @param {readonly Point[]} points
   * @param {{ minutes: number, everyMs: number, now: number }} range
   */
  show(points, range) {
    const buckets = bucketsOf(points, range);
    const times = buckets.map(({ at }) => at);
    this.#throughput.show(times, [
      line('accepted/s', buckets, each => rateOf(each, point => point.accepted)),
      line('applied/s', buckets, each => rateOf(each, point => point.applied)),
    ]);
    this.#latency.show(times, [line('p50', buckets, medianOf), line('p99', buckets, worstOf)]);
    this.#refusals.show(
      times,
      byName(buckets, ({ rejected, failed }) => ({ ...rejected, ...failed })),
    );
    this.#retries.show(
      times,
      byName(buckets, ({ retries }) => retries),
    );
  }
}

/**
 * @param {string} label
 * @param {Bucket[]} buckets
 * @param {(bucket: Bucket) => number | null} value
 */
function line(label, buckets, value) {
  const values = buckets.map(value);
  return { label, values, now: values.findLast(each => each !== null) };
}

/**
 * A line for each name that was counted, the most frequent first.
 *
 * @param {Bucket[]} buckets
 * @param {(point: Point) => Record<string, number>} counts
 */
function byName(buckets, counts) {
  /** @type {Map<string, number>} */
  const names = new Map();
  for (const point of buckets.flatMap(({ points }) => points)) {
    for (const [name, each] of Object.entries(counts(point))) names.set(name, (names.get(name) ?? 0) + each);
  }
  return [...names]
    .filter(([, all]) => all > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, all]) => ({
      label: plainCode(name),
      now: all,
      values: buckets.map(({ points }) =>
        points.length === 0 ? null : total(points, point => counts(point)[name] ?? 0),
      ),
    }));
}
