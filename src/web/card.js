import { timeElement } from './times.js';

/**
 * How an issue looks in a list, on its way or arrived.
 *
 * @typedef {import('./entry-store.js').Body} Body
 *
 * @typedef {object} Card
 * @property {Body} body
 * @property {string} organization its name
 * @property {number} at milliseconds since 1970
 * @property {{ kind: string, text: string }} chip
 * @property {Node[]} [more] what else there is to say and to do
 */

/** @type {ReadonlyMap<string, string>} */
const PRIORITIES = new Map([
  ['low', 'Low priority'],
  ['high', 'High priority'],
  ['urgent', 'Urgent'],
]);

/**
 * @param {HTMLLIElement} item filled anew
 * @param {Card} card
 */
export function fillCard(item, { body, organization, at, chip, more = [] }) {
  const { title, description = '', priority, category = '' } = body;
  const facts = node('p', 'facts', node('span', '', organization));
  const urgency = PRIORITIES.get(priority ?? '');
  if (urgency !== undefined) facts.append(node('span', `priority ${priority}`, urgency));
  if (category !== '') facts.append(node('span', '', category));
  facts.append(timeElement(at));

  item.className = 'card';
  item.dataset.status = chip.kind;
  item.replaceChildren(
    node('div', 'headline', node('h3', '', title), node('span', `chip ${chip.kind}`, chip.text)),
    facts,
    ...(description.trim() === '' ? [] : [node('p', 'description', description)]),
    ...more,
  );
}

/**
 * @param {string} name
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function node(name, className, ...children) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/**
 * @param {string} text
 * @param {() => void} onClick
 * @returns {HTMLElement}
 */
export function button(text, onClick) {
  const made = node('button', 'plain', text);
  made.setAttribute('type', 'button');
  made.addEventListener('click', onClick);
  return made;
}
