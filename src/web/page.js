import { readOptions } from './answers.js';
import { openDesk } from './desk.js';
import { element } from './elements.js';
import { signedOutReason } from './reasons.js';
import { closeSession, currentSession, openSession } from './session.js';
import { askToSignIn, offerSignIn } from './sign-in.js';

/** The page: either somebody signs in, or somebody is signed in. */

const options = readOptions(
  JSON.parse(document.querySelector('meta[name="issue-intake"]')?.getAttribute('content') ?? ''),
);

/** Clears away what belongs to who was signed in. */
let leaving = new AbortController();

/** @param {import('./session.js').Session} session */
function show(session) {
  leaving.abort();
  leaving = new AbortController();
  element('sign-in', HTMLElement).hidden = true;
  element('user', HTMLElement).textContent = session.userId;
  element('who', HTMLElement).hidden = false;
  element('desk', HTMLElement).hidden = false;
  openDesk({ session, signal: leaving.signal, onSignedOut: code => signOut(signedOutReason(code)) });
}

/** @param {string} [reason] */
function signOut(reason) {
  leaving.abort();
  closeSession();
  element('announcements', HTMLElement).replaceChildren();
  element('desk', HTMLElement).hidden = true;
  element('who', HTMLElement).hidden = true;
  element('sign-in', HTMLElement).hidden = false;
  askToSignIn(reason);
  const first = element('people', HTMLElement).querySelector('button') ?? element('token', HTMLInputElement);
  first.focus();
}

function start() {
  const session = currentSession();
  if (session === undefined) signOut();
  else show(session);
}

offerSignIn({
  demoUsers: options.demoUsers,
  onToken(token) {
    const session = openSession(token);
    if (session !== undefined) show(session);
    return session !== undefined;
  },
});
element('sign-out', HTMLButtonElement).addEventListener('click', () => {
  // Whoever has to sign in again finds the form as it was; whoever leaves leaves nothing.
  element('issue-form', HTMLFormElement).reset();
  signOut();
});
element('dashboard', HTMLElement).hidden = !options.hasDashboard;
// A link with a token, opened in the tab that has the page already.
addEventListener('hashchange', () => location.hash.includes('token=') && start());
start();
