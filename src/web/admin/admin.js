import { element } from '../elements.js';
import { keepTimes } from '../times.js';
import { Charts } from './charts.js';
import { Feed } from './feed.js';
import { showLanes } from './lanes.js';
import { showLife } from './life.js';
import { addressOf, currentPlace } from './place.js';
import { showSearch } from './search.js';
import { Totals } from './totals.js';
import { showWebhooks } from './webhooks.js';
import { moment } from './words.js';

/** The administrator's page: what happens now, and what became of one submission. */

/** An answer is late by then; two are missing. */
const STALE_AFTER_MS = 5_000;

const feed = new Feed();
const charts = new Charts(element('charts', HTMLElement));
const totals = new Totals(element('totals', HTMLElement), element('totals-since', HTMLElement));
const lanes = {
  lanes: element('lanes', HTMLElement),
  processes: element('processes', HTMLElement),
  now: element('backlog-now', HTMLElement),
};

/** Clears away what was looked at before. */
let leaving = new AbortController();

function showFeed() {
  const { latest, points, everyMs } = feed;
  if (latest === undefined) return;
  totals.show(latest);
  showLanes(lanes, latest);
  const checked = document.querySelector('input[name="range"]:checked');
  const minutes = checked instanceof HTMLInputElement ? Number(checked.value) : 15;
  charts.show(points, { minutes, everyMs, now: Date.now() });
}

/** Whether what is shown is of now. */
function showState() {
  const age = Date.now() - feed.answeredAt;
  const isStale = age > STALE_AFTER_MS || (feed.trouble !== '' && feed.latest === undefined);
  const state = isStale ? 'stale' : feed.latest === undefined ? 'loading' : 'live';
  const notice = element('stale', HTMLElement);
  element('state', HTMLElement).dataset.state = state;
  element('state-text', HTMLElement).textContent = { stale: 'No answer', loading: 'Loading…', live: 'Live' }[
    state
  ];
  document.body.classList.toggle('is-stale', isStale);
  if (isStale && notice.hidden) {
    const shown =
      feed.latest === undefined
        ? 'Nothing is shown yet.'
        : `What is shown is as of ${moment(feed.answeredAt)}.`;
    notice.textContent = `${feed.trouble || 'The service does not answer.'} ${shown} This page keeps asking.`;
  }
  notice.hidden = !isStale;
}

function showPlace() {
  leaving.abort();
  leaving = new AbortController();
  const place = currentPlace();
  const [section, body] = [element('result', HTMLElement), element('result-body', HTMLElement)];
  const heading = element('result-heading', HTMLElement);
  section.hidden = place === undefined;
  if (place === undefined) return;
  heading.textContent = 'search' in place ? `Found for “${place.search}”` : 'The life of a submission';
  if ('search' in place) element('search-text', HTMLInputElement).value = place.search;
  heading.focus();
  if ('search' in place) void showSearch(body, place.search, leaving.signal);
  else void showLife(body, place.submission, leaving.signal);
}

element('search-form', HTMLFormElement).addEventListener('submit', event => {
  event.preventDefault();
  const search = element('search-text', HTMLInputElement).value.trim();
  if (search === '') return;
  const address = addressOf({ search });
  if (location.hash === address) showPlace();
  else location.hash = address;
});
element('result-close', HTMLButtonElement).addEventListener('click', () => {
  location.hash = '';
  element('search-text', HTMLInputElement).focus();
});
element('ranges', HTMLFieldSetElement).addEventListener('change', showFeed);
addEventListener('hashchange', showPlace);
feed.addEventListener('change', () => {
  showFeed();
  showState();
});
feed.addEventListener('trouble', showState);
setInterval(showState, 1_000);
keepTimes(new AbortController().signal);
feed.start();
showWebhooks(
  element('webhooks', HTMLElement),
  element('webhooks-list', HTMLElement),
  element('webhooks-more', HTMLElement),
);
showPlace();
