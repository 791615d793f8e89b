import { announce, element } from './elements.js';
import { chipOf, fillEntryCard } from './entry-card.js';

/**
 * The list of what is on its way. What has become an issue leaves it for the top
 * of the list of issues.
 *
 * @typedef {import('./entry-store.js').Entry} Entry
 *
 * @typedef {object} Options
 * @property {import('./entry-store.js').EntryStore} store
 * @property {import('./organizations.js').Organizations} organizations
 * @property {import('./my-issues.js').MyIssues} issues
 * @property {import('./entry-card.js').Actions} actions
 * @property {AbortSignal} signal ends it
 */

export class SentList {
  #options;
  #list = element('sent', HTMLOListElement);
  /** @type {Map<string, { entry: Entry, item: HTMLLIElement }>} */
  #shown = new Map();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    const { store, organizations, issues, signal } = options;
    const renew = () => this.#renew();
    signal.addEventListener('abort', () => this.#list.replaceChildren());
    store.addEventListener('change', () => this.#update(), { signal });
    // What was refused may have become an issue after all.
    issues.addEventListener('change', () => this.#update(), { signal });
    organizations.addEventListener('change', renew, { signal });
    addEventListener('online', renew, { signal });
    addEventListener('offline', renew, { signal });
    this.#update();
  }

  #update() {
    const { store, issues } = this.#options;
    for (const entry of store.all()) {
      const isNew = this.#shown.get(entry.key)?.entry !== entry;
      if (isNew && !issues.has(entry.submissionId)) this.#show(entry);
    }
    for (const [key, { item }] of this.#shown) {
      const entry = store.get(key);
      if (entry !== undefined && !issues.has(entry.submissionId)) continue;
      item.remove();
      this.#shown.delete(key);
    }
    element('sent-section', HTMLElement).hidden = this.#list.childElementCount === 0;
  }

  /** @param {Entry} entry */
  #show(entry) {
    const before = this.#shown.get(entry.key);
    if (entry.issue !== undefined) this.#options.issues.add(entry.issue);
    const item = before?.item ?? document.createElement('li');
    this.#shown.set(entry.key, { entry, item });
    this.#fill(item, entry);
    if (before === undefined) this.#list.prepend(item);
    if (before === undefined || chipOf(before.entry).text !== chipOf(entry).text) {
      announce(`${entry.body.title}: ${chipOf(entry).text}`);
    }
  }

  /** With other names or another reason: the same entries. */
  #renew() {
    for (const { item, entry } of this.#shown.values()) this.#fill(item, entry);
  }

  /**
   * @param {HTMLLIElement} item
   * @param {Entry} entry
   */
  #fill(item, entry) {
    const { organizations, actions } = this.#options;
    fillEntryCard(item, entry, organizations.nameOf(entry.body.organizationId), actions);
  }
}
