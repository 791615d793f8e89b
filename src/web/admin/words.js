/** Numbers, durations and codes, as people read them. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/**
 * @param {number} value
 * @returns {string}
 */
export function count(value) {
  return WHOLE.format(value);
}

/**
 * @param {number} value
 * @returns {string} with one digit behind the point where it matters
 */
export function rate(value) {
  return value < 10 ? FINE.format(value) : WHOLE.format(value);
}

/**
 * @param {number} ms
 * @returns {string} such as "34 ms", "1.2 s" or "5 min"
 */
export function duration(ms) {
  if (ms < 1_000) return `${WHOLE.format(ms)} ms`;
  if (ms < 60_000) return `${FINE.format(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${WHOLE.format(Math.floor(ms / 60_000))} min`;
  if (ms < 172_800_000) return `${WHOLE.format(Math.floor(ms / 3_600_000))} h`;
  return `${WHOLE.format(Math.floor(ms / 86_400_000))} days`;
}

/**
 * @param {number} at milliseconds since 1970
 * @returns {string} the time of day, with the day if it is not today
 */
export function moment(at) {
  const day = DAY.format(at);
  return day === DAY.format(Date.now()) ? CLOCK.format(at) : `${day}, ${CLOCK.format(at)}`;
}

/**
 * @param {string} code
 * @returns {string} such as "organization inactive"
 */
export function plainCode(code) {
  return code.replaceAll('_', ' ');
}

/**
 * @param {Record<string, number>} counts
 * @returns {number}
 */
export function sum(counts) {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}
