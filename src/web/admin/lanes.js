import { node } from '../card.js';
import { count, duration } from './words.js';

/**
 * A bar for each lane, as high as its backlog, in the colour of the process that
 * runs it.
 *
 * @typedef {import('./answers.js').History} History
 * @typedef {import('./answers.js').Lane} Lane
 * @typedef {import('./answers.js').Process} Process
 */

const OWNER_COLORS = 6;
/** Of an empty scale: ten that wait are not yet a high bar. */
const LEAST_SCALE = 10;

/**
 * @param {{ lanes: HTMLElement, processes: HTMLElement, now: HTMLElement }} places
 * @param {History} history
 */
export function showLanes(places, { lanes, processes }) {
  const owners = processes.filter(each => each.lanes.length > 0);
  const most = Math.max(LEAST_SCALE, ...lanes.map(({ waiting }) => waiting));
  places.lanes.replaceChildren(...lanes.map(lane => bar(lane, owners, most)));
  places.processes.replaceChildren(...processes.map(each => line(each, owners)));
  places.now.textContent = count(lanes.reduce((all, { waiting }) => all + waiting, 0));
}

/**
 * @param {Lane} lane
 * @param {Process[]} owners
 * @param {number} most
 */
function bar({ lane, waiting, oldestMs, owner }, owners, most) {
  const index = owners.findIndex(({ id }) => id === owner);
  const process = owners[index];
  const fill = node('span', `fill ${ownerClass(index)}`);
  fill.style.height = `${Math.max(1.5, (waiting / most) * 100)}%`;
  const picture = node(
    'span',
    'column',
    node('span', 'amount', waiting === 0 ? '' : count(waiting)),
    node('span', 'track', fill),
    node('span', `lane-name ${ownerClass(index)}`, lane),
  );
  picture.setAttribute('aria-hidden', 'true');
  const age = oldestMs === null ? '' : `, the oldest for ${duration(oldestMs)}`;
  const who = process === undefined ? 'nobody runs it' : `run by ${nameOf(process)}`;
  const words = `Lane ${lane}: ${waiting === 0 ? 'nothing waits' : `${count(waiting)} wait${age}`}; ${who}`;
  const item = node('li', '', node('span', 'visually-hidden', words), picture);
  item.title = words;
  return item;
}

/**
 * @param {Process} process
 * @param {Process[]} owners
 */
function line(process, owners) {
  const { lanes, startedAt } = process;
  const index = owners.indexOf(process);
  const many = lanes.length === 1 ? '1 lane' : `${lanes.length} lanes`;
  const doing = lanes.length === 0 ? 'no lanes' : many;
  return node(
    'li',
    '',
    node('span', `swatch ${ownerClass(index)}`),
    node('strong', '', nameOf(process)),
    node('span', 'quiet', `${doing} · up ${duration(Date.now() - startedAt)}`),
  );
}

/** @param {Process} process */
function nameOf({ name, host, pid }) {
  return `${name} ${host}:${pid}`;
}

/** @param {number} index of an owner; -1 for nobody */
function ownerClass(index) {
  return index < 0 ? 'owner-none' : `owner-${index % OWNER_COLORS}`;
}
