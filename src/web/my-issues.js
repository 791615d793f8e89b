import { ProblemError, TokenError } from '../client/index.js';
import { readIssues } from './answers.js';
import { fillCard } from './card.js';
import { element } from './elements.js';

/**
 * The list of the user's issues, newest first, a page more whenever its end comes
 * into view.
 *
 * @typedef {import('./entry-store.js').Issue} Issue
 *
 * @typedef {object} Options
 * @property {import('../client/index.js').IssueIntake} intake
 * @property {import('./organizations.js').Organizations} organizations
 * @property {AbortSignal} signal ends it
 * @property {(code: string) => void} onSignedOut the server does not accept the token
 */

/** Dispatches `change` when a page has come. */
export class MyIssues extends EventTarget {
  #options;
  #list = element('issues', HTMLOListElement);
  #state = element('issues-state', HTMLElement);
  #more = element('more', HTMLButtonElement);
  /** @type {Map<string, { issue: Issue, item: HTMLLIElement }>} */
  #shown = new Map();
  /** @type {string | undefined} */
  #cursor;
  #isLoading = false;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = options;
    const { organizations, signal } = options;
    signal.addEventListener('abort', () => this.#list.replaceChildren());
    this.#more.hidden = true;
    organizations.addEventListener('change', () => this.#renew(), { signal });
    this.#more.addEventListener('click', () => this.#load(), { signal });
    // Begins before the end is reached.
    const observer = new IntersectionObserver(([seen]) => seen?.isIntersecting && this.#load(), {
      rootMargin: '400px',
    });
    observer.observe(this.#more);
    signal.addEventListener('abort', () => observer.disconnect());
    this.#load();
  }

  /** @param {string | undefined} id */
  has(id) {
    return id !== undefined && this.#shown.has(id);
  }

  /** Puts a new one at the top. @param {Issue} issue */
  add(issue) {
    if (this.has(issue.id)) return;
    this.#list.prepend(this.#make(issue));
    this.#state.hidden = true;
  }

  async #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#more.setAttribute('aria-disabled', 'true');
    const { signal } = this.#options;
    const page = await this.#ask().catch(error => ({ error }));
    this.#isLoading = false;
    if (signal.aborted) return;
    if ('error' in page) this.#refused(page.error);
    else this.#take(page);
  }

  async #ask() {
    const { intake, signal } = this.#options;
    const page = await intake.myIssuesPage({
      cursor: this.#cursor,
      signal,
      deadlineMs: Number.POSITIVE_INFINITY,
      onRetry: () => this.#say('Your issues cannot be loaded just now. Trying again…'),
    });
    return readIssues(page);
  }

  /** @param {ReturnType<typeof readIssues>} page */
  #take({ issues, nextCursor }) {
    this.#list.append(...issues.filter(({ id }) => !this.has(id)).map(issue => this.#make(issue)));
    this.#cursor = nextCursor;
    this.#more.hidden = nextCursor === undefined;
    this.#more.removeAttribute('aria-disabled');
    this.#say(this.#shown.size === 0 ? 'You have no issues yet.' : '');
    this.dispatchEvent(new Event('change'));
    // The observer tells of changes only, and a short page may not push the button out of view.
    if (nextCursor !== undefined && this.#isInView()) this.#load();
  }

  #isInView() {
    return this.#more.getBoundingClientRect().top < innerHeight + 400;
  }

  /** @param {unknown} error */
  #refused(error) {
    if (error instanceof TokenError) this.#options.onSignedOut(error.code);
    else if (error instanceof ProblemError) this.#say(`Your issues cannot be loaded: ${error.message}.`);
    else this.#say('Your issues cannot be loaded.');
  }

  /** @param {Issue} issue */
  #make(issue) {
    const item = document.createElement('li');
    this.#shown.set(issue.id, { issue, item });
    this.#fill(item, issue);
    return item;
  }

  #renew() {
    for (const { item, issue } of this.#shown.values()) this.#fill(item, issue);
  }

  /**
   * @param {HTMLLIElement} item
   * @param {Issue} issue
   */
  #fill(item, issue) {
    const organization = this.#options.organizations.nameOf(issue.organizationId);
    const chip = { kind: 'applied', text: `applied #${issue.number}` };
    fillCard(item, { body: issue, organization, at: Date.parse(issue.acceptedAt), chip });
  }

  /** @param {string} text */
  #say(text) {
    this.#state.textContent = text;
    this.#state.hidden = text === '';
  }
}
