import { ApiError } from '../api-error.ts';

/** Actions are off: /admin is for looking. */
export class AdminActionsOffError extends ApiError {
  override readonly code = 'admin_actions_off';
  override readonly status = 403;
  override readonly title = 'Actions are not allowed here';

  constructor() {
    super(
      'this service is read-only for administrators; ADMIN_ACTIONS=1 allows to redrive, to retry and to change webhooks',
    );
  }
}

/** A page of another site sent it, with the administrator's login. */
export class ForeignSiteError extends ApiError {
  override readonly code = 'foreign_site';
  override readonly status = 403;
  override readonly title = 'The request comes from another site';

  constructor() {
    super('what changes something is taken from pages of this service only');
  }
}

/** Neither on a lane nor in the database. */
export class SubmissionUnknownError extends ApiError {
  override readonly code = 'submission_not_found';
  override readonly status = 404;
  override readonly title = 'There is no such submission';

  constructor() {
    super('no submission with this id is on a lane or in the database');
  }
}

export class NotRefusedError extends ApiError {
  override readonly code = 'not_refused';
  override readonly status = 409;
  override readonly title = 'The submission is not refused';

  constructor() {
    super(
      'only a submission that was rejected or has failed can be redriven; this one was not, or no longer is',
    );
  }
}

/** The first of the two steps of redriving may be done. Doing it again does what is missing. */
export class RedriveInterruptedError extends ApiError {
  override readonly code = 'redrive_interrupted';
  override readonly status = 503;
  override readonly title = 'Redriving did not come to its end';

  constructor(options: ErrorOptions) {
    super('queue or database did not answer; redrive it again, which cannot make two issues', options);
  }
}

/** Lanes that are about to be left take nothing. */
export class LanesChangeError extends ApiError {
  override readonly code = 'lanes_change';
  override readonly status = 503;
  override readonly title = 'The number of lanes is being changed';

  constructor() {
    super('redriving goes on when the change is over, which npm run lanes shows; try again then');
  }
}

export class WebhookEndpointUnknownError extends ApiError {
  override readonly code = 'webhook_endpoint_not_found';
  override readonly status = 404;
  override readonly title = 'There is no such endpoint';

  constructor() {
    super('no webhook endpoint has this id');
  }
}
