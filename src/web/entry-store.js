import { newKey } from '../client/new-key.js';
import { PREFIX, parseEntry, storedEntries } from './stored-entries.js';

/**
 * What this browser has sent, or has still to send, of one user: an entry each in
 * localStorage. So it survives a reload and an expired sign-in, and all tabs show
 * the same. Each entry has a place of its own there, and tabs cannot undo one
 * another's changes of other entries.
 *
 * @typedef {import('./answers.js').Body} Body
 * @typedef {import('./answers.js').Issue} Issue
 * @typedef {import('./stored-entries.js').Entry} Entry
 */

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
    for (const entry of storedEntries()) {
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
    const entry = parseEntry(text);
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
