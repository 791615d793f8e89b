import { pause } from '../../client/backoff.js';
import { button, node } from '../card.js';
import { announce } from '../elements.js';
import { ask, readLife } from './answers.js';
import { addressOf } from './place.js';
import { redrive } from './redrive.js';
import { timeline } from './timeline.js';

/**
 * A submission's whole life, followed until it has ended.
 *
 * @typedef {import('./answers.js').Life} Life
 */

const LOOK_EVERY_MS = 1_000;

/**
 * @param {HTMLElement} place filled anew
 * @param {string} id
 * @param {AbortSignal} signal given when something else is looked at
 */
export async function showLife(place, id, signal) {
  place.replaceChildren(node('p', 'quiet', 'Looking…'));
  /** What is shown: the same is not drawn again, so that the focus stays where it is. */
  let shown = '';
  for (let said = ''; !signal.aborted; ) {
    const asked = await ask(`glance/submissions/${encodeURIComponent(id)}`, readLife, { signal });
    if (signal.aborted) return;
    if (JSON.stringify(asked) !== shown) {
      shown = JSON.stringify(asked);
      if ('trouble' in asked) place.replaceChildren(node('p', 'error', asked.trouble));
      else fill(place, asked.value, () => void showLife(place, id, signal));
    }
    if ('value' in asked) {
      const { status } = asked.value;
      if (status !== said) announce(`The submission is ${status}`);
      said = status;
    }
    if (!mayChange(asked)) return;
    await pause(LOOK_EVERY_MS, signal);
  }
}

/** @param {import('./answers.js').Asked<Life>} asked */
function mayChange(asked) {
  if ('trouble' in asked) return asked.passes;
  const { status, away } = asked.value;
  return status === 'queued' || status === 'processing' || away.length > 0;
}

/**
 * @param {HTMLElement} place
 * @param {Life} life
 * @param {() => void} onRedriven
 */
function fill(place, life, onRedriven) {
  const { submissionId, status, title, description, jobUrl, canRedrive, away, issue } = life;
  const chip = node('span', `chip ${status}`, issue === undefined ? status : `${status} #${issue.number}`);
  const said = node('p', 'hint');
  said.setAttribute('role', 'status');
  if (!canRedrive && (status === 'rejected' || status === 'failed')) {
    said.textContent = 'Redriving is off here; ADMIN_ACTIONS=1 allows it.';
  }
  const buttons = node('p', 'buttons');
  if (canRedrive) buttons.append(button('Redrive…', () => void redrive(submissionId, said, onRedriven)));
  if (jobUrl !== undefined) buttons.append(link(jobUrl, 'Its job on Bull Board', 'plain'));
  place.replaceChildren(
    node('p', 'life-head', chip, node('code', '', submissionId)),
    ...(title === undefined ? [] : [node('p', 'life-title', title)]),
    ...(description ? [node('p', 'description', description)] : []),
    ...away.map(each => node('p', 'error', `The ${each} could not be asked; this may not be all.`)),
    node('div', 'life', timeline(life), facts(life)),
    buttons,
    said,
  );
}

/** @param {Life} life */
function facts({ userId, organization, lane, attempts, requestId }) {
  const { id, name, active } = organization;
  const list = node('dl', 'facts-list');
  const add = (/** @type {string} */ term, /** @type {(Node | string)[]} */ ...what) =>
    list.append(node('div', '', node('dt', '', term), node('dd', '', ...what)));
  add('User', link(addressOf({ search: userId }), userId, ''));
  add(
    'Organization',
    link(addressOf({ search: id }), name ?? id, ''),
    active === false ? ' (not active)' : '',
  );
  add('Lane', lane);
  add('Decided', attempts === 1 ? 'once' : `${attempts} times`);
  if (requestId !== undefined) add('Request, in the logs', node('code', '', requestId));
  return list;
}

/**
 * @param {string} href
 * @param {string} text
 * @param {string} look
 */
function link(href, text, look) {
  const made = node('a', look, text);
  made.setAttribute('href', href);
  return made;
}
