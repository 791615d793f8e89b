import { button, fillCard, node } from './card.js';
import { refusalReason, troubleReason } from './reasons.js';
import { countdownElement } from './times.js';

/**
 * An entry's card: where it is, why, and what can be done.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 *
 * @typedef {object} Actions
 * @property {(entry: Entry) => void} sendNow
 * @property {(entry: Entry) => void} correct puts it into the form again
 * @property {(entry: Entry) => void} dismiss
 */

const CHIPS = {
  waiting: 'waiting to be sent',
  queued: 'queued',
  processing: 'processing',
  applied: 'applied',
  rejected: 'rejected',
  failed: 'failed',
};

/**
 * @param {Entry} entry
 * @returns {{ kind: string, text: string }}
 */
export function chipOf({ status, attempts, issue }) {
  if (status === 'waiting' && attempts === 0) return { kind: 'sending', text: 'sending' };
  if (issue !== undefined) return { kind: status, text: `applied #${issue.number}` };
  return { kind: status, text: CHIPS[status] };
}

/**
 * @param {HTMLLIElement} item
 * @param {Entry} entry
 * @param {string} organization its name
 * @param {Actions} actions
 */
export function fillEntryCard(item, entry, organization, actions) {
  const { body, createdAt: at } = entry;
  fillCard(item, { body, organization, at, chip: chipOf(entry), more: moreOf(entry, actions) });
}

/**
 * @param {Entry} entry
 * @param {Actions} actions
 * @returns {Node[]}
 */
function moreOf(entry, actions) {
  if (entry.status === 'waiting') return entry.trouble === undefined ? [] : waiting(entry, actions);
  return entry.error === undefined ? [] : refused(entry, entry.error, actions);
}

/**
 * @param {Entry} entry
 * @param {Actions} actions
 */
function waiting(entry, actions) {
  const kept = ' It is kept here and sent by itself, once only. Next try ';
  const text = node('p', '', node('strong', '', troubleReason(entry.trouble)), kept);
  text.append(countdownElement(entry.nextTryAt), '.');
  const buttons = node(
    'p',
    'buttons',
    button('Try now', () => actions.sendNow(entry)),
  );
  return [node('div', 'reason waiting', text, buttons)];
}

/**
 * @param {Entry} entry
 * @param {NonNullable<Entry['error']>} error
 * @param {Actions} actions
 */
function refused(entry, error, actions) {
  const { what, toDo } = refusalReason(error);
  const buttons = node('p', 'buttons');
  if (error.code !== 'internal_error') {
    buttons.append(button('Correct and send again', () => actions.correct(entry)));
  }
  buttons.append(button('Dismiss', () => actions.dismiss(entry)));
  const text = node('p', '', node('strong', '', what), ` ${toDo}`);
  return [node('div', `reason ${entry.status}`, text, buttons)];
}
