import { pause } from '../client/backoff.js';
import { readBody } from './answers.js';
import { element } from './elements.js';
import { clearErrors, showErrors } from './field-errors.js';

/**
 * The form. What is raised leaves it at once, because it is kept, and the next can
 * be written. What the API finds wrong with a field comes back to the field.
 *
 * @typedef {import('./entry-store.js').Body} Body
 * @typedef {import('./entry-store.js').Entry} Entry
 * @typedef {import('../client/index.js').FieldError} FieldError
 *
 * @typedef {object} Options
 * @property {import('./session.js').Session} session
 * @property {import('./organizations.js').Organizations} organizations
 * @property {(body: Body) => Promise<Entry | undefined>} send the entry again, if its fields are wrong
 * @property {(entry: Entry) => void} takeBack it is in the form again
 * @property {AbortSignal} signal ends it
 */

/** The second click of two is no wish for another issue. */
const DOUBLE_CLICK_MS = 600;

export class IssueForm {
  #options;
  #form = element('issue-form', HTMLFormElement);
  #choice = element('organizationId', HTMLSelectElement);
  #submit = element('raise', HTMLButtonElement);
  #isBusy = false;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    const { session, organizations, signal } = options;
    this.#form.addEventListener('submit', event => this.#raise(event), { signal });
    organizations.addEventListener('change', () => this.#offer(), { signal });
    // What somebody was writing when the sign-in expired is still there, and nobody else's.
    if (this.#form.dataset.writer !== session.userId) this.#clear();
    this.#form.dataset.writer = session.userId;
    this.#setBusy(false);
    this.#offer();
  }

  /**
   * Puts something into it that was written before.
   *
   * @param {Body} body
   * @param {readonly FieldError[]} [errors]
   */
  fill(body, errors = []) {
    this.#clear();
    for (const [name, value] of Object.entries(body)) {
      const field = this.#form.elements.namedItem(name);
      if (field !== null && 'value' in field) field.value = value;
    }
    element('title', HTMLInputElement).focus();
    showErrors(this.#form, errors);
  }

  /** @param {Event} event */
  async #raise(event) {
    event.preventDefault();
    if (this.#isBusy) return;
    const body = this.#read();
    const missing = missingIn(body);
    showErrors(this.#form, missing);
    if (missing.length > 0) return;
    this.#next(body);
    this.#setBusy(true);
    const [wrong] = await Promise.all([
      this.#options.send(body),
      pause(DOUBLE_CLICK_MS, this.#options.signal),
    ]);
    this.#setBusy(false);
    // Somebody who writes the next one already finds it in the list, with a button to correct it.
    if (wrong === undefined || this.#options.signal.aborted || !this.#isEmpty()) return;
    this.#options.takeBack(wrong);
    this.fill(body, wrong.error?.errors);
  }

  #isEmpty() {
    const { title, description, category } = this.#read();
    return title === '' && description === undefined && category === undefined;
  }

  /** @returns {Body} */
  #read() {
    const data = new FormData(this.#form);
    const text = (/** @type {string} */ name) => String(data.get(name) ?? '');
    const category = text('category').trim();
    return readBody({
      organizationId: text('organizationId'),
      title: text('title').trim(),
      ...(text('description').trim() === '' ? {} : { description: text('description') }),
      priority: text('priority'),
      ...(category === '' ? {} : { category }),
    });
  }

  /** Ready for another one with the same organization. @param {Body} body */
  #next({ organizationId }) {
    this.#clear();
    this.#choice.value = organizationId;
    element('title', HTMLInputElement).focus();
  }

  #clear() {
    this.#form.reset();
    clearErrors(this.#form);
  }

  #offer() {
    const { all, isLoaded } = this.#options.organizations;
    if (!isLoaded) return;
    const chosen = this.#choice.value;
    this.#choice.replaceChildren(
      new Option(all.length === 0 ? 'None takes issues now' : 'Choose one', ''),
      ...all.map(({ id, name }) => new Option(name, id)),
    );
    this.#choice.value = chosen;
    if (this.#choice.selectedIndex < 0) this.#choice.value = '';
  }

  /** @param {boolean} isBusy */
  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.#submit.disabled = isBusy;
    this.#submit.textContent = isBusy ? 'Sending…' : 'Raise issue';
  }
}

/**
 * @param {Body} body
 * @returns {FieldError[]} what can be told without asking the API, in its words
 */
function missingIn({ organizationId, title }) {
  const detail = 'is required';
  return [
    ...(organizationId === '' ? [{ pointer: '/organizationId', detail }] : []),
    ...(title === '' ? [{ pointer: '/title', detail }] : []),
  ];
}
