import { node } from '../card.js';
import { duration, moment, plainCode } from './words.js';

/**
 * A submission's life as a line of what happened, from top to bottom.
 *
 * @typedef {import('./answers.js').Life} Life
 *
 * @typedef {object} Step
 * @property {string} what
 * @property {string} look a kind of chip
 * @property {number} [at] milliseconds since 1970
 * @property {string} [detail]
 */

/**
 * @param {Life} life
 * @returns {HTMLElement}
 */
export function timeline(life) {
  const list = node('ol', 'timeline');
  /** @type {number | undefined} */
  let before;
  for (const step of steps(life)) {
    const { what, look, at, detail } = step;
    const item = node('li', look, node('strong', '', what));
    if (at !== undefined) {
      item.append(
        node(
          'span',
          'when',
          moment(at),
          before === undefined ? '' : ` · ${duration(Math.max(0, at - before))} later`,
        ),
      );
      before = at;
    }
    if (detail !== undefined) item.append(node('span', 'detail', detail));
    list.append(item);
  }
  return list;
}

/**
 * @param {Life} life
 * @returns {Step[]}
 */
function steps(life) {
  const { acceptedAt, keyed, lane, status, issue } = life;
  const accepted = {
    what: 'Accepted',
    look: 'done',
    at: Date.parse(acceptedAt),
    detail: keyed ? 'with an Idempotency-Key' : 'without an Idempotency-Key',
  };
  const past = [accepted, ...refused(life)];
  if (issue !== undefined) return [...past, ...taken(life), applied(issue), ...moved(issue)];
  if (status === 'queued') return [...past, waits(life)];
  if (status === 'processing') {
    const detail =
      life.waitingFor === undefined ? `on lane ${lane}` : `on lane ${lane}; waits for the ${life.waitingFor}`;
    return [...past, { what: 'Being applied', look: 'now', detail, ...takenAt(life) }];
  }
  return past;
}

/**
 * @param {Life} life
 * @returns {Step[]}
 */
function taken(life) {
  return life.takenAt === undefined
    ? []
    : [
        {
          what: 'Taken up',
          look: 'done',
          detail: `as the head of lane ${life.lane}, or with its batch`,
          ...takenAt(life),
        },
      ];
}

/** @param {Life} life */
function takenAt({ takenAt: at }) {
  return at === undefined ? {} : { at: Date.parse(at) };
}

/**
 * @param {Life} life
 * @returns {Step}
 */
function waits({ lane, place, waiting, attempts }) {
  const where =
    place === undefined || waiting === undefined ? '' : `, number ${place} of ${waiting} that wait`;
  return { what: attempts > 0 ? 'Waits again' : 'Waits', look: 'now', detail: `on lane ${lane}${where}` };
}

/**
 * @param {Life} life
 * @returns {Step[]}
 */
function refused({ refusal, status }) {
  if (refusal === undefined) return [];
  const at = refusal.refusedAt === undefined ? {} : { at: Date.parse(refusal.refusedAt) };
  const what = `${refusal.status === 'rejected' ? 'Rejected' : 'Failed'}: ${plainCode(refusal.code)}`;
  const ended = status === refusal.status;
  /** @type {Step[]} */
  const all = [{ what, look: ended ? 'bad' : 'over', detail: refusal.detail, ...at }];
  if (!refusal.inForce || refusal.released || !ended)
    all.push({ what: 'Redriven', look: 'done', detail: 'put on its lane again, to be decided anew' });
  return all;
}

/**
 * @param {NonNullable<Life['issue']>} issue
 * @returns {Step}
 */
function applied({ number, appliedAt, acceptToCommitMs, batch }) {
  const with_ =
    batch.size === 1
      ? 'alone in its batch'
      : `in a batch of ${batch.size} (#${batch.first} to #${batch.last})`;
  return {
    what: `Applied as issue #${number}`,
    look: 'good',
    at: Date.parse(appliedAt),
    detail: `${with_}; ${duration(Math.max(0, acceptToCommitMs))} after it was accepted`,
  };
}

/**
 * @param {NonNullable<Life['issue']>} issue
 * @returns {Step[]}
 */
function moved({ moved }) {
  if (moved === undefined) return [];
  const [from, to] = [moved.from, moved.to].map(({ id, name }) => name ?? id);
  return [
    {
      what: 'Moved the user’s primary organization',
      look: 'done',
      detail: `from ${from} to ${to}; older issues stay where they are`,
    },
  ];
}
