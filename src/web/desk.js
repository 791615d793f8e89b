import { IssueIntake } from '../client/index.js';
import { EntryStore } from './entry-store.js';
import { IssueForm } from './issue-form.js';
import { MyIssues } from './my-issues.js';
import { Organizations } from './organizations.js';
import { Outbox } from './outbox.js';
import { SentList } from './sent-list.js';
import { SERVICE } from './service.js';
import { Submissions } from './submissions.js';
import { keepTimes } from './times.js';

/**
 * What somebody who is signed in has before them.
 *
 * @typedef {import('./entry-store.js').Body} Body
 * @typedef {import('./entry-store.js').Entry} Entry
 *
 * @typedef {object} Options
 * @property {import('./session.js').Session} session
 * @property {AbortSignal} signal clears it away
 * @property {(code: string) => void} onSignedOut the server does not accept the token
 */

/** After this long without an answer the next issue may be raised: this one is kept. */
const FIRST_ANSWER_MS = 3_000;

/** @param {Options} options */
export function openDesk(options) {
  const { session, signal, onSignedOut } = options;
  const intake = new IssueIntake({ url: SERVICE, token: session.token });
  const store = new EntryStore(session.userId, signal);
  const common = { intake, store, signal, onSignedOut };
  const organizations = new Organizations(common);
  const issues = new MyIssues({ ...common, organizations });
  const outbox = new Outbox(common);
  const form = new IssueForm({
    ...options,
    organizations,
    send: body => send(store, body),
    takeBack: entry => store.delete(entry.key),
  });
  new Submissions(common);
  const actions = {
    sendNow: () => outbox.sendNow(),
    /** @param {Entry} entry */
    correct(entry) {
      form.fill(entry.body, entry.error?.errors);
      store.delete(entry.key);
    },
    /** @param {Entry} entry */
    dismiss: entry => store.delete(entry.key),
  };
  new SentList({ store, organizations, issues, actions, signal });
  keepTimes(signal);
}

/**
 * Hands an issue to the outbox, and waits for what the API says of its fields.
 *
 * @param {EntryStore} store
 * @param {Body} body
 * @returns {Promise<Entry | undefined>} the entry, if its fields are wrong
 */
async function send(store, body) {
  const { key } = store.add(body);
  await answered(store, key);
  const entry = store.get(key);
  return entry?.status === 'rejected' && entry.error?.errors ? entry : undefined;
}

/**
 * @param {EntryStore} store
 * @param {string} key
 * @returns {Promise<void>} when it has been tried once, or not soon enough
 */
function answered(store, key) {
  return new Promise(resolve => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, FIRST_ANSWER_MS);
    const look = () => {
      const entry = store.get(key);
      if (entry?.status !== 'waiting' || entry.attempts > 0) end();
    };
    store.addEventListener('change', look, { signal: over.signal });
  });
}
