import { node } from '../card.js';
import { count, moment, sum } from './words.js';

/**
 * The figures at the top.
 *
 * @typedef {import('./answers.js').History} History
 */

export class Totals {
  #list;
  #since;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} since
   */
  constructor(list, since) {
    this.#list = list;
    this.#since = since;
  }

  /** @param {History} history */
  show({ totals, lanes }) {
    const waiting = lanes.reduce((all, each) => all + each.waiting, 0);
    this.#list.replaceChildren(
      tile('accepted', count(totals.accepted)),
      tile('applied', count(totals.applied)),
      tile('waiting', count(waiting)),
      tile('rejected', count(sum(totals.rejected)), sum(totals.rejected) > 0 ? 'amber' : ''),
      tile('failed', count(sum(totals.failed)), sum(totals.failed) > 0 ? 'red' : ''),
    );
    this.#since.textContent = `Counted since ${moment(totals.since)}; what waits is as of now.`;
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [look]
 */
function tile(name, value, look = '') {
  const figure = node('dd', look, value);
  figure.id = `total-${name}`;
  return node('div', 'panel tile', node('dt', '', name), figure);
}
