import { node } from '../card.js';
import { ask, readEndpoints } from './answers.js';
import { count } from './words.js';

/**
 * Who is told by webhook, and who was not. Nothing is shown where nobody is told.
 *
 * @typedef {import('./answers.js').Endpoint} Endpoint
 */

/** Each look counts what is undelivered. */
const EVERY_MS = 30_000;

/**
 * Shows it from now on, and keeps it up to date while the page can be seen.
 *
 * @param {HTMLElement} section
 * @param {HTMLElement} list
 * @param {HTMLElement} note
 */
export function showWebhooks(section, list, note) {
  const look = async () => {
    if (document.hidden) return;
    const asked = await ask('webhooks/endpoints', readEndpoints);
    // What is shown stays; that the service does not answer is said at the top.
    if ('trouble' in asked) return;
    const { endpoints, nextCursor } = asked.value;
    section.hidden = endpoints.length === 0;
    list.replaceChildren(...endpoints.toSorted((a, b) => rank(b) - rank(a)).map(row));
    note.hidden = nextCursor === undefined;
  };
  setInterval(look, EVERY_MS);
  document.addEventListener('visibilitychange', look);
  void look();
}

/**
 * Those first that somebody should look at.
 *
 * @param {Endpoint} endpoint
 */
function rank({ active, givenUp, lastFailure }) {
  if (givenUp > 0) return 3;
  if (!active) return 0;
  return lastFailure === undefined ? 1 : 2;
}

/** @param {Endpoint} endpoint */
function row(endpoint) {
  const { url, organizationId, ordered, undelivered, lastFailure } = endpoint;
  const { kind, text } = stateOf(endpoint);
  return node(
    'li',
    '',
    node('div', 'headline', node('h3', '', placeOf(url)), node('span', `chip ${kind}`, text)),
    node(
      'p',
      'facts',
      node('span', '', `${count(undelivered)} undelivered`),
      ...(lastFailure === undefined ? [] : [node('span', '', `last failure: ${lastFailure}`)]),
      node('span', '', ordered ? 'in order' : 'in any order'),
      node('code', '', organizationId),
    ),
  );
}

/**
 * @param {Endpoint} endpoint
 * @returns {{ kind: string, text: string }}
 */
function stateOf({ active, givenUp, lastFailure }) {
  if (givenUp > 0) return { kind: 'failed', text: `${count(givenUp)} given up` };
  if (!active) return { kind: 'waiting', text: 'inactive' };
  return lastFailure === undefined
    ? { kind: 'applied', text: 'well' }
    : { kind: 'rejected', text: 'failing' };
}

/**
 * Without what may be a secret of the receiver's.
 *
 * @param {string} url
 */
function placeOf(url) {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
