import { readSignedIn } from './answers.js';
import { button } from './card.js';
import { element } from './elements.js';
import { clearErrors, showErrors } from './field-errors.js';
import { ONCE, requests } from './service.js';

/**
 * Signing in: as one of the demonstration's users, where the server says that
 * there are some, or with a token.
 *
 * @typedef {object} Options
 * @property {readonly string[]} demoUsers
 * @property {(token: string) => boolean} onToken whether it is one
 */

const NO_TOKEN = { pointer: '/token', detail: 'is not an access token' };

/** @param {Options} options */
export function offerSignIn({ demoUsers, onToken }) {
  const form = element('token-form', HTMLFormElement);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const token = element('token', HTMLInputElement)
      .value.trim()
      .replace(/^Bearer +/i, '');
    clearErrors(form);
    if (onToken(token)) form.reset();
    else showErrors(form, [NO_TOKEN]);
  });
  if (demoUsers.length === 0) return;
  element('demo-users', HTMLElement).hidden = false;
  element('people', HTMLElement).append(
    ...demoUsers.map(user => button(user, () => signInAs(user, onToken))),
  );
}

/**
 * @param {string} userId
 * @param {(token: string) => boolean} onToken
 */
async function signInAs(userId, onToken) {
  try {
    const { body } = await requests.send('dev/sign-in', { json: JSON.stringify({ userId }) }, ONCE);
    onToken(readSignedIn(body).token);
  } catch {
    askToSignIn('The service cannot sign anybody in just now. Try again in a moment.');
  }
}

/** @param {string} [reason] why somebody who was signed in is not any more */
export function askToSignIn(reason = '') {
  const notice = element('sign-in-reason', HTMLElement);
  notice.textContent = reason;
  notice.hidden = reason === '';
}
