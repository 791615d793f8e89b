import { ApiError } from './api-error.ts';

/*
 * Requests that come too fast. Each says when to come again.
 */

abstract class TooManyError extends ApiError {
  override readonly status = 429;
  readonly #seconds: number;

  constructor(detail: string, seconds: number) {
    super(`${detail}; try again in ${seconds} s`);
    this.#seconds = seconds;
  }

  override get headers() {
    return { 'retry-after': String(this.#seconds) };
  }
}

/** The user raises faster than the limit. */
export class RateLimitedError extends TooManyError {
  override readonly code = 'rate_limited';
  override readonly title = 'You raise issues too fast';

  constructor(perSecond: number, seconds: number) {
    super(`you may raise ${perSecond} issues per second`, seconds);
  }
}

/** Too many requests from one address came without a good token. */
export class TooManyBadTokensError extends TooManyError {
  override readonly code = 'too_many_bad_tokens';
  override readonly title = 'Too many requests without a good token';

  constructor(seconds: number) {
    super('too many requests from your address had no good token', seconds);
  }
}

/** Too many wrong passwords from one address, or for one name. */
export class TooManySignInsError extends TooManyError {
  override readonly code = 'too_many_sign_ins';
  override readonly title = 'Too many wrong passwords';
  /** Fastify's basic-auth would take it for a 401 without. */
  readonly statusCode = 429;

  constructor(seconds: number) {
    super('too many wrong passwords were sent', seconds);
  }
}
