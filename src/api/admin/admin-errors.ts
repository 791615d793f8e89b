import { FixedError, type Refusal } from '../api-error.ts';

/** What an administrator is refused: one of those below. */
export class AdminError extends FixedError {}

/** /admin is for looking. */
export const ACTIONS_OFF: Refusal = {
  code: 'admin_actions_off',
  status: 403,
  title: 'Actions are not allowed here',
  detail:
    'this service is read-only for administrators; ADMIN_ACTIONS=1 allows to redrive, to retry and to change webhooks',
};

/** A page of another site sent it, with the administrator's login. */
export const FOREIGN_SITE: Refusal = {
  code: 'foreign_site',
  status: 403,
  title: 'The request comes from another site',
  detail: 'what changes something is taken from pages of this service only',
};

/** Neither on a lane nor in the database. */
export const SUBMISSION_UNKNOWN: Refusal = {
  code: 'submission_not_found',
  status: 404,
  title: 'There is no such submission',
  detail: 'no submission with this id is on a lane or in the database',
};

export const NOT_REFUSED: Refusal = {
  code: 'not_refused',
  status: 409,
  title: 'The submission is not refused',
  detail:
    'only a submission that was rejected or has failed can be redriven; this one was not, or no longer is',
};

/** The first of the two steps of redriving may be done. Doing it again does what is missing. */
export const REDRIVE_INTERRUPTED: Refusal = {
  code: 'redrive_interrupted',
  status: 503,
  title: 'Redriving did not come to its end',
  detail: 'queue or database did not answer; redrive it again, which cannot make two issues',
};

/** Lanes that are about to be left take nothing. */
export const LANES_CHANGE: Refusal = {
  code: 'lanes_change',
  status: 503,
  title: 'The number of lanes is being changed',
  detail: 'redriving goes on when the change is over, which npm run lanes shows; try again then',
};

export const WEBHOOK_ENDPOINT_UNKNOWN: Refusal = {
  code: 'webhook_endpoint_not_found',
  status: 404,
  title: 'There is no such endpoint',
  detail: 'no webhook endpoint has this id',
};
