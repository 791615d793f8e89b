/**
 * The codes of the API in plain words: what has happened, and what to do.
 *
 * @typedef {{ what: string, toDo: string }} Reason
 */

/** @type {ReadonlyMap<string, Reason>} */
const REFUSALS = new Map([
  [
    'organization_not_found',
    {
      what: 'This organization does not exist any more.',
      toDo: 'Choose another organization, and send the issue again.',
    },
  ],
  [
    'organization_inactive',
    {
      what: 'This organization does not take issues at the moment.',
      toDo: 'Choose another organization, or ask this one when it takes issues again.',
    },
  ],
  [
    'profile_suspended',
    {
      what: 'Your customer profile is suspended, so you cannot raise issues.',
      toDo: 'Ask the support to lift the suspension. Then send the issue again.',
    },
  ],
  [
    'unstorable',
    {
      what: 'The issue holds something that cannot be stored.',
      toDo: 'Write it in other words, without unusual characters, and send it again.',
    },
  ],
  [
    'internal_error',
    {
      what: 'Something went wrong on our side. Your issue is kept.',
      toDo: 'You need not send it again: an operator can apply it. If it is urgent, call the support.',
    },
  ],
  [
    'idempotency_key_reused',
    {
      what: 'This issue was sent before with other words, and those were kept.',
      toDo: 'Look for it among your issues. If it is not what you mean, send it as a new one.',
    },
  ],
  [
    'validation_failed',
    {
      what: 'Something in the form is not as it should be.',
      toDo: 'Correct it, and send the issue again.',
    },
  ],
  [
    'text_not_storable',
    {
      what: 'A text holds characters that cannot be stored.',
      toDo: 'Take them out, and send the issue again.',
    },
  ],
]);

/** Of failures that pass: all is kept, and tried again. @type {ReadonlyMap<string, string>} */
const TROUBLES = new Map([
  ['unreachable', 'There is no connection to the service.'],
  ['foreign_answer', 'Something between you and the service answers in its place.'],
  ['queue_unavailable', 'The service cannot take issues just now.'],
  ['database_unavailable', 'The service cannot reach its database just now.'],
  ['backlog_full', 'Very many issues are waiting just now.'],
  ['rate_limited', 'You raise issues faster than the service takes them.'],
  ['too_many_bad_tokens', 'Too many sign-ins from your network have failed.'],
  ['too_many_streams', 'You follow too many issues at once.'],
  ['submission_not_found', 'The service has lost sight of it, so it is sent again.'],
]);

/** Why somebody has to sign in again. @type {ReadonlyMap<string, string>} */
const SIGNED_OUT = new Map([
  ['token_expired', 'Your sign-in has expired. Sign in again; nothing that you wrote is lost.'],
]);

/**
 * Why a submission did not become an issue.
 *
 * @param {{ code: string, detail: string }} problem
 * @returns {Reason}
 */
export function refusalReason({ code, detail }) {
  const unknown = { what: `The issue was not accepted: ${detail}.`, toDo: 'Change it, and send it again.' };
  return REFUSALS.get(code) ?? unknown;
}

/**
 * @param {string | undefined} code
 * @returns {string} what holds things up
 */
export function troubleReason(code) {
  if (!navigator.onLine) return 'You are offline.';
  return TROUBLES.get(code ?? '') ?? 'The service has a problem just now.';
}

/**
 * @param {string} code
 * @returns {string}
 */
export function signedOutReason(code) {
  return (
    SIGNED_OUT.get(code) ??
    'The service does not accept this access token. Get a new one, and sign in with it.'
  );
}
