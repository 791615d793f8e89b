import { node } from '../card.js';
import { announce } from '../elements.js';
import { timeElement } from '../times.js';
import { ask, readSearch } from './answers.js';
import { addressOf } from './place.js';
import { plainCode } from './words.js';

/**
 * What a search found.
 *
 * @typedef {import('./answers.js').Found} Found
 * @typedef {import('./answers.js').Search} Search
 */

/**
 * @param {HTMLElement} place filled anew
 * @param {string} text
 * @param {AbortSignal} signal given when something else is looked at
 */
export async function showSearch(place, text, signal) {
  const list = node('ol', 'found');
  const notes = node('div', 'notes');
  place.replaceChildren(node('p', 'quiet', 'Looking through lanes and database…'));
  const query = new URLSearchParams({ text });
  const asked = await ask(`glance/search?${query}`, readSearch, { signal });
  if (signal.aborted) return;
  if ('trouble' in asked) {
    place.replaceChildren(node('p', 'error', asked.trouble));
    return;
  }
  const { submissions, organizations, cut, away } = asked.value;
  list.append(...submissions.map(row));
  notes.append(
    ...organizations.map(({ name, active }) =>
      node('p', 'hint', `Organization ${name}${active ? '' : ' (not active)'}`),
    ),
    ...away.map(each =>
      node('p', 'error', `The ${each} could not be asked; what is there only is missing here.`),
    ),
    ...cut.map(each => node('p', 'hint', `Not looked through to the end: ${each}.`)),
  );
  place.replaceChildren(
    ...(submissions.length === 0 ? [node('p', '', 'Nothing was found.')] : [list]),
    notes,
  );
  addMore(list, text, asked.value, signal);
  announce(submissions.length === 1 ? '1 submission found' : `${submissions.length} submissions found`);
}

/**
 * @param {HTMLElement} list
 * @param {string} text
 * @param {Search} found
 * @param {AbortSignal} signal
 */
function addMore(list, text, { nextBefore }, signal) {
  if (nextBefore === undefined) return;
  const button = node('button', 'plain', 'Show older issues');
  button.setAttribute('type', 'button');
  list.after(button);
  button.addEventListener('click', async () => {
    button.setAttribute('disabled', '');
    const query = new URLSearchParams({ text, before: nextBefore });
    const asked = await ask(`glance/search?${query}`, readSearch, { signal });
    button.removeAttribute('disabled');
    if (signal.aborted || 'trouble' in asked) return;
    const first = list.children.length;
    list.append(...asked.value.submissions.map(row));
    button.remove();
    addMore(list, text, asked.value, signal);
    list.children[first]?.querySelector('a')?.focus();
  });
}

/** @param {Found} found */
function row({ submissionId, userId, status, code, number, title, lane, acceptedAt }) {
  const what = number === undefined ? status : `${status} #${number}`;
  const link = node('a', '', title ?? node('code', '', submissionId));
  link.setAttribute('href', addressOf({ submission: submissionId }));
  const facts = node('p', 'facts');
  facts.append(
    node('span', '', userId),
    node('span', '', `lane ${lane}`),
    ...(code === undefined ? [] : [node('span', '', plainCode(code))]),
    ...(title === undefined ? [] : [node('code', '', submissionId)]),
    timeElement(Date.parse(acceptedAt)),
  );
  return node(
    'li',
    '',
    node('div', 'headline', node('h3', '', link), node('span', `chip ${status}`, what)),
    facts,
  );
}
