import { newKey } from '../client/new-key.js';

/**
 * What this browser has sent, or has still to send, of one user: an entry each in
 * localStorage. So it survives a reload and an expired sign-in, and all tabs show
 * the same. Each entry has a place of its own there, and tabs cannot undo one
 * another's changes of other entries.
 *
 * @typedef {import('../client/index.js').NewIssue} Body
 *
 * @typedef {'waiting' | 'queued' | 'processing' | 'applied' | 'rejected' | 'failed'} Status
 * `waiting` to be sent; all others are known to the server, or refused by it.
 *
 * @typedef {object} Entry
 * @property {string} key the Idempotency-Key, the same each time it is sent
 * @property {string} userId
 * @property {Body} body
 * @property {number} createdAt milliseconds since 1970
 * @property {Status} status
 * @property {number} attempts that have failed
 * @property {number} nextTryAt milliseconds since 1970
 * @property {string} [trouble] the code of the last failure that passes
 * @property {string} [submissionId]
 * @property {{ code: string, detail: string, errors?: readonly import('../client/index.js').FieldError[] }} [error] why it was refused
 * @property {Issue} [issue] what it became
 *
 * @typedef {import('../client/index.js').Issue} Issue
 */

const PREFIX = 'issue-intake:entry:';

/** Dispatches `change` whenever an entry has changed, in this tab or in another. */
export class EntryStore extends EventTarget {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** Those for which the browser has no room. @type {Set<string>} */
  #unstored = new Set();
  #userId;

  /**
   * @param {string} userId
   * @param {AbortSignal} signal ends it
   */
  constructor(userId, signal) {
    super();
    this.#userId = userId;
    for (const entry of stored()) {
      if (entry.userId !== userId) continue;
      // It is among the user's issues from now on.
      if (entry.status === 'applied') localStorage.removeItem(PREFIX + entry.key);
      else this.#entries.set(entry.key, entry);
    }
    addEventListener('storage', event => this.#changedElsewhere(event), { signal });
  }

  /** @returns {Entry[]} in the order in which they were made */
  all() {
    return [...this.#entries.values()].sort((a, b) => a.createdAt - b.createdAt);
  }

  /**
   * As it is stored: of another tab's change the event may come later.
   *
   * @param {string} key
   * @returns {Entry | undefined}
   */
  get(key) {
    const known = this.#entries.get(key);
    const text = this.#unstored.has(key) ? null : localStorage.getItem(PREFIX + key);
    if (text === null || text === JSON.stringify(known)) return known;
    const entry = parse(text);
    if (entry?.userId !== this.#userId) return known;
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * @param {Body} body
   * @returns {Entry}
   */
  add(body) {
    const now = Date.now();
    /** @type {Entry} */
    const entry = {
      key: newKey(),
      userId: this.#userId,
      body,
      createdAt: now,
      status: 'waiting',
      attempts: 0,
      nextTryAt: now,
    };
    this.put(entry);
    return entry;
  }

  /** @param {Entry} entry */
  put(entry) {
    this.#entries.set(entry.key, entry);
    try {
      localStorage.setItem(PREFIX + entry.key, JSON.stringify(entry));
    } catch {
      // It lives as long as this page.
      this.#unstored.add(entry.key);
    }
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} key */
  delete(key) {
    this.#entries.delete(key);
    localStorage.removeItem(PREFIX + key);
    this.dispatchEvent(new Event('change'));
  }

  /** @param {StorageEvent} event */
  #changedElsewhere({ key, newValue }) {
    if (!key?.startsWith(PREFIX)) return;
    if (newValue === null) this.#entries.delete(key.slice(PREFIX.length));
    // What the event brings may be older than what is stored by now.
    else this.get(key.slice(PREFIX.length));
    this.dispatchEvent(new Event('change'));
  }
}

/** @returns {Entry[]} */
function stored() {
  return Object.keys(localStorage)
    .filter(key => key.startsWith(PREFIX))
    .flatMap(key => parse(localStorage.getItem(key) ?? '') ?? []);
}

/**
 * @param {string} text
 * @returns {Entry | undefined}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
