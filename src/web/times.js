/** Times as people say them, kept up to date while they are shown. */

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

/** @type {[Intl.RelativeTimeFormatUnit, number][]} with their seconds, the longest first */
const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/**
 * @param {number} at milliseconds since 1970
 * @param {number} [now]
 * @returns {string} such as "5 minutes ago"
 */
export function relativeTime(at, now = Date.now()) {
  const seconds = (at - now) / 1000;
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 0];
  // Clocks of two machines differ; nothing here happens in the future.
  return length === 0 || seconds > 0 ? 'just now' : FORMAT.format(Math.trunc(seconds / length), unit);
}

/**
 * @param {number} at milliseconds since 1970
 * @returns {HTMLTimeElement}
 */
export function timeElement(at) {
  const time = document.createElement('time');
  time.dateTime = new Date(at).toISOString();
  time.title = EXACT.format(at);
  time.textContent = relativeTime(at);
  return time;
}

/**
 * The seconds until then, counted down while it is shown.
 *
 * @param {number} at milliseconds since 1970
 * @returns {HTMLElement}
 */
export function countdownElement(at) {
  const span = document.createElement('span');
  span.dataset.until = String(at);
  span.textContent = countdown(at);
  return span;
}

/** @param {number} at */
function countdown(at) {
  const seconds = Math.max(0, Math.ceil((at - Date.now()) / 1000));
  return seconds === 0 ? 'now' : `in ${seconds}\u00a0s`;
}

/** @param {AbortSignal} signal ends it */
export function keepTimes(signal) {
  const timer = setInterval(() => {
    for (const time of document.querySelectorAll('time'))
      setText(time, relativeTime(Date.parse(time.dateTime)));
    for (const span of document.querySelectorAll('[data-until]')) {
      if (span instanceof HTMLElement) setText(span, countdown(Number(span.dataset.until)));
    }
  }, 1_000);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
