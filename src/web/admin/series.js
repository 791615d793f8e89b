/**
 * Points of two seconds, gathered to as many as can be told apart on a chart.
 *
 * @typedef {import('./answers.js').Point} Point
 *
 * @typedef {object} Bucket
 * @property {number} at when it ends, in milliseconds since 1970
 * @property {Point[]} points none where nobody was watching
 * @property {number} seconds that its points cover
 */

const BUCKETS = 75;

/**
 * @param {readonly Point[]} points the oldest first
 * @param {{ minutes: number, everyMs: number, now: number }} range
 * @returns {Bucket[]} one after the other, up to now
 */
export function bucketsOf(points, { minutes, everyMs, now }) {
  const length = Math.max(everyMs, Math.round((minutes * 60_000) / BUCKETS / everyMs) * everyMs);
  // Their bounds do not move with the time: a bucket that is full stays as it is.
  const end = Math.floor(now / length) * length;
  const first = end - Math.ceil((minutes * 60_000) / length) * length;
  /** @type {Bucket[]} */
  const buckets = [];
  for (let at = first + length; at <= end; at += length) buckets.push({ at, points: [], seconds: 0 });
  for (const point of points) {
    const bucket = buckets[Math.ceil((point.at - first) / length) - 1];
    if (bucket === undefined) continue;
    bucket.points.push(point);
    bucket.seconds += everyMs / 1000;
  }
  return buckets;
}

/**
 * @param {Bucket} bucket
 * @param {(point: Point) => number} count
 * @returns {number | null} per second; null where nobody was watching
 */
export function rateOf({ points, seconds }, count) {
  return points.length === 0 ? null : total(points, count) / seconds;
}

/**
 * @param {readonly Point[]} points
 * @param {(point: Point) => number} count
 * @returns {number}
 */
export function total(points, count) {
  return points.reduce((sum, point) => sum + count(point), 0);
}

/**
 * The average of the medians, weighted by how much was decided: about the median.
 *
 * @param {Bucket} bucket
 * @returns {number | null}
 */
export function medianOf({ points }) {
  const decided = points.filter(({ p50Ms }) => p50Ms !== null);
  const weight = total(decided, weightOf);
  return weight === 0 ? null : total(decided, point => (point.p50Ms ?? 0) * weightOf(point)) / weight;
}

/**
 * @param {Bucket} bucket
 * @returns {number | null} the worst of them
 */
export function worstOf({ points }) {
  const known = points.flatMap(({ p99Ms }) => p99Ms ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

/** @param {Point} point */
function weightOf({ applied }) {
  return Math.max(1, applied);
}
